import type { Binding, ScreenRules } from '../bindings.ts';
import { type Field, fieldOf, insert, typeInto } from '../field.ts';
import { type ConnectAnswers, noFirstRun } from '../first-run.ts';
import { askAnew, type Next, nextSerial, pop, push, stay, withScreen, withTop } from '../next.ts';
import { type Opened, type TuiState, topScreen } from '../state.ts';
import { movedAmong } from '../window.ts';
import { leaveFor } from './servers.ts';

/** How to reach a server of one's own, and what came of trying it. It is saved once it was reached. */
export interface ConnectScreen extends Opened {
  readonly name: 'connect';
  readonly fields: Readonly<Record<AnswerName, Field>>;
  /** The field that letters go into. */
  readonly at: AnswerName;
  readonly phase:
    | { readonly kind: 'asking' }
    | { readonly kind: 'trying'; readonly checks: readonly ConnectCheck[] }
    | { readonly kind: 'failed'; readonly checks: readonly ConnectCheck[] }
    /** `cursor`: on going back, or on trusting it. */
    | {
        readonly kind: 'unknown-host';
        readonly checks: readonly ConnectCheck[];
        readonly hostKey: HostKey;
        readonly cursor: number;
      }
    | { readonly kind: 'reached'; readonly checks: readonly ConnectCheck[] }
    | { readonly kind: 'saving'; readonly checks: readonly ConnectCheck[] };
}

export type AnswerName = keyof ConnectAnswers;
export const answerNames = ['address', 'name', 'keyFile'] as const satisfies readonly AnswerName[];

/** One thing on the way to the server, and how it is. */
export interface ConnectCheck {
  readonly outcome: 'ok' | 'attention' | 'failed';
  readonly sentence: string;
  /** What to do; starts with a verb. */
  readonly hint?: string;
}

/** What a host shows that nobody has met yet. */
export interface HostKey {
  readonly host: string;
  /** `SHA256:…`, as ssh shows it. */
  readonly fingerprint: string;
  /** Where it is written to once somebody trusts it, and what. */
  readonly knownHostsFile: string;
  readonly knownHostsLine: string;
}

/** What came of a try, from the first check to where it ended. */
export interface Tried {
  readonly checks: readonly ConnectCheck[];
  readonly end: undefined | 'failed' | 'reached' | HostKey;
}

export function openConnect(state: TuiState): Next {
  return push(state, connecting(state.firstRun.connect, nextSerial(state)));
}

function connecting({ address, name, keyFile }: ConnectAnswers, serial: number): ConnectScreen {
  const fields = { address: fieldOf(address), name: fieldOf(name), keyFile: fieldOf(keyFile) };
  return { name: 'connect', serial, fields, at: 'address', phase: { kind: 'asking' } };
}

function answersOf({ fields: { address, name, keyFile } }: ConnectScreen): ConnectAnswers {
  return { address: address.text.trim(), name: name.text.trim(), keyFile: keyFile.text.trim() };
}

const unknownHostChoices = ['Go back', 'It is the same: trust this server'] as const;

export function choicesOf({ phase }: ConnectScreen): readonly string[] {
  return phase.kind === 'unknown-host' ? unknownHostChoices : [];
}

/** What came of a try, put where it is shown. A question that is new waits until it was seen. */
export function withTried(state: TuiState, { serial, tried }: { serial: number; tried: Tried }): Next {
  const { checks, end } = tried;
  const of = { name: 'connect', serial } as const;
  const phase = (): ConnectScreen['phase'] => {
    if (end === undefined) return { kind: 'trying', checks };
    if (typeof end === 'string') return { kind: end, checks };
    return { kind: 'unknown-host', checks, hostKey: end, cursor: 0 };
  };
  const change = (screen: ConnectScreen): ConnectScreen => ({ ...screen, phase: phase() });
  return end === undefined ? stay(withScreen(state, of, change)) : askAnew(state, of, change);
}

/** Goes there, unless the person has gone on to something else. */
export function withSaved(state: TuiState, { serial, server }: { serial: number; server: string }): Next {
  if (topScreen(state).serial !== serial) return stay(state);
  const firstRun = { ...state.firstRun, connect: noFirstRun.connect };
  return leaveFor(server, { ...state, firstRun, usualServer: server });
}

export function withUnsaved(state: TuiState, { serial }: { serial: number }): Next {
  return stay(
    withScreen(state, { name: 'connect', serial }, (screen) =>
      screen.phase.kind === 'saving' ? { ...screen, phase: { ...screen.phase, kind: 'reached' } } : screen,
    ),
  );
}

function tryIt(state: TuiState, screen: ConnectScreen, trust?: HostKey): Next {
  const answers = answersOf(screen);
  return stay(withTop(state, { ...screen, phase: { kind: 'trying', checks: [] } }), {
    ...{ kind: 'try-server', serial: screen.serial, answers },
    ...(trust && { trust }),
  });
}

/** The answers can be corrected; what ran for the try is ended. */
function askAgain(state: TuiState, screen: ConnectScreen): Next {
  return askAnew(state, screen, (before) => ({ ...before, phase: { kind: 'asking' } }));
}

function goOn(state: TuiState, screen: ConnectScreen): Next {
  const { phase, at } = screen;
  switch (phase.kind) {
    case 'asking': {
      const next = answerNames[answerNames.indexOf(at) + 1];
      return next ? stay(withTop(state, { ...screen, at: next })) : tryIt(state, screen);
    }
    case 'unknown-host':
      return phase.cursor === 0 ? askAgain(state, screen) : tryIt(state, screen, phase.hostKey);
    case 'failed':
      return tryIt(state, screen);
    case 'reached':
      return stay(withTop(state, { ...screen, phase: { kind: 'saving', checks: phase.checks } }), {
        ...{ kind: 'save-server', serial: screen.serial, answers: answersOf(screen) },
      });
    default:
      return stay(state);
  }
}

const isAsking = (_: TuiState, { phase }: ConnectScreen) => phase.kind === 'asking';
const isIn = (kind: ConnectScreen['phase']['kind']) => (_: TuiState, screen: ConnectScreen) =>
  screen.phase.kind === kind;

const bindings: readonly Binding<ConnectScreen>[] = [
  {
    keys: ['Up', 'Down', 'Shift-Tab', 'Tab'],
    does: 'go to another field',
    hint: 'field',
    when: isAsking,
    run: (state, screen, key) => {
      const step = ['Up', 'Shift-Tab'].includes(key) ? -1 : 1;
      const at = answerNames[answerNames.indexOf(screen.at) + step] ?? screen.at;
      return stay(withTop(state, { ...screen, at }));
    },
  },
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose whether the fingerprint is the right one',
    hint: 'choose',
    when: isIn('unknown-host'),
    run: (state, screen, key) => {
      if (screen.phase.kind !== 'unknown-host') return stay(state);
      const cursor = movedAmong(screen.phase.cursor, key, unknownHostChoices.length);
      return stay(withTop(state, { ...screen, phase: { ...screen.phase, cursor } }));
    },
  },
  {
    keys: ['Enter'],
    does: 'go on to the next field; after the last, try the server',
    hint: 'next',
    when: (_, { phase, fields }) => phase.kind === 'asking' && fields.address.text.trim() !== '',
    run: goOn,
  },
  { keys: ['Enter'], does: 'do what is chosen', hint: 'confirm', when: isIn('unknown-host'), run: goOn },
  { keys: ['Enter', 'r'], does: 'try again', hint: 'try again', when: isIn('failed'), run: goOn },
  {
    keys: ['Enter'],
    does: 'save the server and go there',
    hint: 'save and go there',
    when: isIn('reached'),
    run: goOn,
  },
  {
    keys: ['Esc'],
    does: 'go back; nothing is saved, and what was typed is kept',
    hint: 'back, nothing is saved',
    when: isAsking,
    run: (state) => pop(state),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'correct what was typed',
    hint: 'correct it',
    when: (state, screen) => !isAsking(state, screen),
    run: askAgain,
  },
];

/** What was typed is kept, whatever becomes of the screen. */
function withField(state: TuiState, screen: ConnectScreen, field: Field): Next {
  const changed: ConnectScreen = { ...screen, fields: { ...screen.fields, [screen.at]: field } };
  const { firstRun } = state;
  return stay(withTop({ ...state, firstRun: { ...firstRun, connect: answersOf(changed) } }, changed));
}

export const connectRules: ScreenRules<ConnectScreen> = {
  bindings,
  waitsToBeSeen: true,
  isTyping: ({ phase }) => phase.kind === 'asking',
  typed(state, screen, key) {
    if (screen.phase.kind !== 'asking') return undefined;
    const field = typeInto(screen.fields[screen.at], key);
    return field && withField(state, screen, field);
  },
  pasted(state, screen, text) {
    if (screen.phase.kind !== 'asking') return stay(state);
    return withField(state, screen, insert(screen.fields[screen.at], text.trim()));
  },
};
