import type { ErrorFacts } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type Field, fieldOf, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { copyReport } from '../report.ts';
import { commandOn, quoted } from '../same-as.ts';
import type { Opened, TuiState } from '../state.ts';

/** The data as files in a folder of this computer. Nothing changes on the server; it ends with its screen. */
export interface ExportScreen extends Opened {
  readonly name: 'export';
  readonly study: Subject;
  readonly field: Field;
  readonly phase: ExportPhase;
}

export type ExportPhase =
  | { readonly kind: 'asking' }
  /** Bytes; undefined while the server still writes the files. */
  | { readonly kind: 'running'; readonly fetched?: { readonly done: number; readonly total: number } }
  | {
      readonly kind: 'done';
      readonly folder: string;
      readonly files: number;
      /** What the study's own code could not write: "app-trust.csv: KeyError at models.py:12". */
      readonly missing: readonly string[];
    }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };

/** Proposes a folder of the day, below the one that oForest was started in. */
export function openExport(state: TuiState, { experiment, environment, stack }: Subject): Next {
  const folder = `${stack}-data-${new Date(state.now).toISOString().slice(0, 10)}`;
  return push(state, {
    ...{ name: 'export', serial: nextSerial(state), study: { experiment, environment, stack } },
    ...{ field: fieldOf(folder), phase: { kind: 'asking' } },
  });
}

export function exportCommand({ study, field }: ExportScreen): string {
  return commandOn(study, 'export', '--out', quoted(field.text.trim() || 'FOLDER'));
}

const isAsking = (_: TuiState, { phase, field }: ExportScreen) => phase.kind === 'asking' && field.text.trim() !== '';
const hasFailed = (_: TuiState, { phase }: ExportScreen) => phase.kind === 'failed';
const isDone = (_: TuiState, { phase }: ExportScreen) => phase.kind === 'done';

const bindings: readonly Binding<ExportScreen>[] = [
  {
    keys: ['Enter'],
    does: 'write the data into this folder',
    hint: 'export',
    when: isAsking,
    run: (state, screen) =>
      stay(withTop(state, { ...screen, phase: { kind: 'running' } }), {
        kind: 'export',
        serial: screen.serial,
        stack: screen.study.stack,
        folder: screen.field.text.trim(),
      }),
  },
  {
    keys: ['Enter'],
    does: 'name another folder, or try again',
    hint: 'try again',
    when: hasFailed,
    run: (state, screen) => stay(withTop(state, { ...screen, phase: { kind: 'asking' } })),
  },
  { keys: ['Enter'], does: 'go back', hint: 'back', when: isDone, run: (state) => pop(state) },
  {
    keys: ['c'],
    does: 'copy the name of the folder',
    hint: 'copy the folder',
    when: isDone,
    run: (state, { phase }) =>
      phase.kind === 'done' ? stay(state, { kind: 'copy', text: phase.folder, what: 'The folder' }) : stay(state),
  },
  {
    keys: ['c'],
    does: 'copy the report of the failure',
    hint: 'copy the report',
    when: hasFailed,
    run: (state, { phase, study }) =>
      phase.kind === 'failed' ? stay(state, copyReport(phase.error, `export of ${study.stack}`)) : stay(state),
  },
  {
    keys: ['Esc'],
    does: 'go back; an export that is not done ends, and nothing of it is kept',
    hint: 'back',
    run: (state) => pop(state),
  },
];

export const exportRules: ScreenRules<ExportScreen> = {
  bindings,
  isTyping: ({ phase }) => phase.kind === 'asking',
  typed(state, screen, key) {
    const field = screen.phase.kind === 'asking' ? typeInto(screen.field, key) : undefined;
    return field && stay(withTop(state, { ...screen, field }));
  },
  pasted: (state, screen, text) =>
    screen.phase.kind === 'asking'
      ? stay(withTop(state, { ...screen, field: insert(screen.field, text.trim()) }))
      : stay(state),
};
