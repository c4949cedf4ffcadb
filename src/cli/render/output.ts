import { type ErrorFacts, type OperationEvent, safeText } from '../../core/index.ts';
import { type LookFlags, traitsOf } from '../this-terminal.ts';
import { renderError } from './error.ts';
import { createEventLines } from './events.ts';

export interface OutputOptions extends LookFlags {
  /** One object at the end, or one event a line. */
  readonly json?: 'object' | 'lines';
  readonly plain?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** A result in every form a person or a script may ask for. */
export interface Answer {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** For --plain: tab separated, no header. */
  readonly rows?: readonly (readonly string[])[];
}

/** Results on stdout, progress and messages on stderr; with --json nothing but JSON on stdout. */
export interface Output {
  answer(answer: Answer): void;
  /** Something to know while waiting. */
  say(sentence: string): void;
  event(event: OperationEvent): void;
  /** A piece of a stream: log lines. */
  line(json: Readonly<Record<string, unknown>>, text: string): void;
  error(facts: ErrorFacts, stack?: string): void;
}

export const jsonVersion = 1;

export function openOutput(options: OutputOptions): Output {
  const { json, plain, quiet } = options;
  const { colors: color, ascii } = traitsOf('stderr', options);
  const looks = { color, ascii };
  const eventLines = createEventLines({ ...looks, verbose: options.verbose ?? false });
  const out = (text: string) => process.stdout.write(`${text}\n`);
  const err = (text: string) => process.stderr.write(`${text}\n`);
  const printJson = (value: Readonly<Record<string, unknown>>) =>
    out(JSON.stringify({ version: jsonVersion, ...value }));
  return {
    answer({ json: value, text, rows }) {
      if (json === 'object') printJson({ ok: true, ...value });
      else if (json === 'lines') printJson({ kind: 'result', ok: true, ...value });
      else if (plain && rows) for (const row of rows) out(row.map(cell).join('\t'));
      else if (text !== '') out(text);
    },
    say(sentence) {
      if (!quiet && !json) err(sentence);
    },
    event(event) {
      if (json === 'lines') printJson({ ...event });
      else if (!json && !quiet) for (const text of eventLines(event)) err(text);
    },
    line(value, text) {
      if (json) printJson(value);
      else out(text);
    },
    error(facts, stack) {
      if (json) printJson({ ...(json === 'lines' && { kind: 'result' }), ok: false, error: facts });
      else err(renderError(facts, { ...looks, stack: options.verbose ? stack : undefined }));
    },
  };
}

function cell(text: string): string {
  return safeText(text).replace(/[\t\n]/g, ' ');
}
