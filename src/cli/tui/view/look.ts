import { capital, isVerb, type ListedState, type Verb, wordOfState } from '../../../core/index.ts';
import type { Study, TuiState } from '../model/state.ts';
import { waitOn, waitWord } from '../model/waits.ts';
import type { Cell, Color } from './line.ts';

/** How the terminal wants it: the characters it can show. Colours are Ink's to leave out. */
export interface Look {
  readonly ascii: boolean;
}

const glyphs = {
  running: ['●', '*'],
  ok: ['✔', '+'],
  working: ['↻', '~'],
  attention: ['!', '!'],
  failed: ['✖', 'X'],
  off: ['○', 'o'],
  unknown: ['?', '?'],
  waiting: ['·', '.'],
  cursor: ['❯', '>'],
  danger: ['┃', '|'],
  rule: ['─', '-'],
  bar: ['│', '|'],
  into: ['›', '>'],
  becomes: ['→', '>'],
  ellipsis: ['…', '~'],
  hidden: ['•', '*'],
  typing: ['▏', '_'],
  sorted: ['↓', 'v'],
} as const;
export type Glyph = keyof typeof glyphs;

export function glyph(name: Glyph, { ascii }: Look): string {
  return glyphs[name][ascii ? 1 : 0];
}

export function isGlyph(text: string, { ascii }: Look): boolean {
  return Object.values(glyphs).some((both) => both[ascii ? 1 : 0] === text);
}

/** Verbs as they are said of a study while they run. */
const doing: Readonly<Record<Verb, string>> = {
  deploy: 'Deploying',
  rollback: 'Rolling back',
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  backup: 'Backing up',
  reset: 'Resetting',
  undo: 'Undoing',
  restore: 'Restoring',
  delete: 'Deleting',
  undelete: 'Bringing back',
  purge: 'Removing',
  variable: 'Updating',
  secret: 'Updating',
  address: 'Updating',
  admin: 'Updating',
  drill: 'Verifying',
  'drop-data': 'Tidying up',
};

const trustMs = 2_000;

/** Whether what is shown may be old by now. Right after the start what was known last is as good as true. */
export function mayBeOld({ link, now }: Pick<TuiState, 'link' | 'now'>): boolean {
  return link.kind === 'connecting' ? now - link.since >= trustMs : link.kind !== 'live';
}

/** Glyph, word and colour of a study, in this order of trust. What may be old keeps its word and loses its glyph. */
export function stateOf(
  study: Study,
  state: Pick<TuiState, 'link' | 'now'> & Partial<Pick<TuiState, 'waits' | 'studies'>>,
  look: Look,
): { cell: Cell; word: string } {
  const { word, sign, color } = !study.busy && waitOn(study, state) ? waiting(study, state) : stateWords(study);
  if (mayBeOld(state)) return { word, cell: { text: `${glyph('unknown', look)} ${word}`, dim: true } };
  const text = `${glyph(sign, look)} ${word}`;
  return { word, cell: { text, ...(color ? { color } : { dim: true }) } };
}

function waiting({ stack }: Study, state: Partial<Pick<TuiState, 'studies'>>): ReturnType<typeof stateWords> {
  return { word: waitWord(stack, state), sign: 'waiting', color: 'cyan' };
}

function stateWords({ state, busy }: Study): { word: string; sign: Glyph; color?: Color } {
  if (busy) {
    const place = busy.place ? ` ${busy.place.step}/${busy.place.of}` : '';
    return { word: `${isVerb(busy.verb) ? doing[busy.verb] : busy.verb}${place}`, sign: 'working', color: 'cyan' };
  }
  return { word: capital(wordOfState[state]), ...signs[state] };
}

const signs: Readonly<Record<ListedState, { sign: Glyph; color?: Color }>> = {
  running: { sign: 'running', color: 'green' },
  updating: { sign: 'working', color: 'cyan' },
  'going-back': { sign: 'attention', color: 'yellow' },
  stopped: { sign: 'off' },
  deleted: { sign: 'off' },
};
