import { counted, type ServerCheck } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay } from '../next.ts';
import { quoted } from '../same-as.ts';
import type { Opened, ServerLook, TuiState } from '../state.ts';
import { openPrepare } from './prepare.ts';

/** Everything that studies stand on, and what to do where it is not well. */
export interface CheckScreen extends Opened {
  readonly name: 'check';
  readonly list: List;
}

/** What was found before stays on the screen while it is looked again. */
export function openCheck(state: TuiState): Next {
  const opened = push(state, { name: 'check', serial: nextSerial(state), list: newList });
  return lookAt(opened.state);
}

/** Whether the Swarm can be asked and was never prepared for studies, as far as it was looked at. */
export function isUnprepared({ serverLook }: TuiState): boolean {
  const outcomeOf = (wanted: ServerCheck['name']) => checksOf(serverLook).find(({ name }) => name === wanted)?.outcome;
  return outcomeOf('docker') !== undefined && outcomeOf('platform') === 'failed';
}

export function prepareCommand({ server }: Pick<TuiState, 'server'>): string {
  return `oforest server prepare ${server} --domain lab.example.edu`;
}

/** The command that looks at the same. */
export function checkCommand({ server }: Pick<TuiState, 'server'>): string {
  return `oforest server check ${quoted(server)}`;
}

/** Whether the finding under the cursor is mended by preparing the server. For any other its own hint says what to do. */
function canPrepare(state: TuiState, screen: CheckScreen): boolean {
  return isUnprepared(state) && shownOf(state, screen, listedChecks).under?.name === 'platform';
}

/** What to do next on a server without experiments: once, or until it is prepared, which somebody else may do. */
export function lookWhileEmpty(state: TuiState): Next {
  return state.serverLook.found && !isUnprepared(state) ? stay(state) : lookAt(state);
}

function lookAt(state: TuiState): Next {
  if (state.serverLook.isLooking) return stay(state);
  return stay({ ...state, serverLook: { ...state.serverLook, isLooking: true } }, { kind: 'check-server' });
}

const none: readonly ServerCheck[] = [];

export function checksOf({ found }: ServerLook): readonly ServerCheck[] {
  return found?.kind === 'report' ? found.report.checks : none;
}

export const outcomeWords: Readonly<Record<ServerCheck['outcome'], string>> = {
  ok: 'Ok',
  warning: 'Attention',
  failed: 'Failed',
};

const worst: readonly ServerCheck['outcome'][] = ['failed', 'warning', 'ok'];

export const listedChecks: Listed<ServerCheck, CheckScreen> = {
  all: ({ serverLook }) => checksOf(serverLook),
  idOf: ({ name }) => name,
  textOf: ({ name, outcome, sentence }) => `${name} ${outcomeWords[outcome]} ${sentence}`,
  orders: [
    { by: 'Check' },
    { by: 'Outcome', compare: (one, other) => worst.indexOf(one.outcome) - worst.indexOf(other.outcome) },
  ],
  // What is to be done about the one under the cursor.
  linesBelow: ({ kind }) => (kind === 'tiny' ? 3 : 5),
};

/** "1 problem", or "2 to look at"; undefined while all is well, as far as is known. */
export function problemsOf({ serverLook }: TuiState): string | undefined {
  const checks = checksOf(serverLook);
  const count = (outcome: ServerCheck['outcome']) => checks.filter((check) => check.outcome === outcome).length;
  const failed = count('failed');
  if (failed > 0) return counted(failed, 'problem');
  return count('warning') > 0 ? `${count('warning')} to look at` : undefined;
}

/** As text for somebody else: what was found, and what to do. */
function reportOf({ server, serverLook }: TuiState): string {
  const found = checksOf(serverLook).flatMap(({ name, outcome, sentence, hint }) => [
    `${outcomeWords[outcome]}: ${name}: ${sentence}`,
    ...(hint === undefined ? [] : [`  To do: ${hint}`]),
  ]);
  const at = serverLook.found && new Date(serverLook.found.at).toISOString();
  return [`Check of ${server}, ${at}`, ...found].join('\n');
}

const bindings: readonly Binding<CheckScreen>[] = [
  {
    keys: ['f', 'Enter'],
    does: 'prepare the server; what would change is shown first',
    hint: 'prepare it…',
    when: canPrepare,
    run: (state) => openPrepare(state),
  },
  { keys: ['r'], does: 'check again', hint: 'check again', run: (state) => lookAt(state) },
  {
    keys: ['c'],
    does: 'copy the report for whoever runs the server',
    hint: 'copy the report',
    when: ({ serverLook }) => serverLook.found?.kind === 'report',
    run: (state) => stay(state, { kind: 'copy', text: reportOf(state), what: 'The report' }),
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const checkRules: ScreenRules<CheckScreen> = listRules(listedChecks, bindings);
