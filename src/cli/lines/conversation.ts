import { type ErrorFacts, quoteForPeople } from '../../core/index.ts';
import { type Next, stay } from '../tui/model/next.ts';
import { isTypedInto } from '../tui/model/screens.ts';
import { type TuiState, topScreen } from '../tui/model/state.ts';
import { failureLines } from './failure.ts';
import { namedPlaces } from './listed.ts';
import { say } from './say.ts';
import { type Choice, press, type Spoken } from './spoken.ts';
import { sentence, spokenLine, waitInWords, withStop } from './words.ts';

/** What was read out last: nothing is told twice, and a number means what was heard with it, whatever came since. */
export interface Heard {
  readonly opening: string;
  readonly spoken: Spoken;
  readonly numbered: readonly Choice[];
  /** How many of the numbered ones were read out. */
  readonly readOut: number;
  readonly notice: TuiState['notice'];
  readonly failure: TuiState['failure'];
  readonly link: TuiState['link'];
}

export interface Told {
  readonly lines: readonly string[];
  readonly heard: Heard;
  /** The failure that is told with it. */
  readonly failed?: ErrorFacts | undefined;
}

/** More than these are not read out at once: nobody keeps so many in mind. */
const atOnce = 20;

/** What there is to say about the state after what was heard: news alone, and the whole screen where it is another. */
export function tell(state: TuiState, heard: Heard | undefined, { answered }: { answered: boolean }): Told {
  const spoken = say(state);
  const { name, serial } = topScreen(state);
  const opening = `${name} ${serial}`;
  const before = heard?.opening === opening ? heard.spoken : undefined;
  const { notice, failure, link } = state;
  const isTold = failure === undefined || failure === heard?.failure;
  const failed = isTold ? (spoken.failed === before?.failed ? undefined : spoken.failed) : failure;
  const news = [
    ...linkNews(state, heard?.link),
    ...(notice !== undefined && notice !== heard?.notice ? [withStop(notice)] : []),
    ...(isTold ? [] : failureLines(failure)),
    ...spoken.told.filter((line) => !before?.told.includes(line)),
    ...(spoken.passing !== undefined && before?.passing === undefined ? [sentence(spoken.passing)] : []),
  ];
  if (!heard || readsAll(spoken, before, answered)) {
    const shown = Math.min(atOnce, spoken.choices.length);
    return {
      lines: spokenLines([...news, ...numberedLines(spoken.choices, 0, shown), spoken.asks]),
      heard: { opening, spoken, numbered: spoken.choices, readOut: shown, notice, failure, link },
      failed,
    };
  }
  const lines = spokenLines([...news, ...(before ? changesOf(spoken.choices, before.choices) : [])]);
  return {
    lines,
    heard: { ...heard, spoken, notice, failure, link },
    failed,
  };
}

/** Whether the server is reached, when that has changed. */
function linkNews({ server, link }: TuiState, before: TuiState['link'] | undefined): readonly string[] {
  if (link.kind === before?.kind) return [];
  switch (link.kind) {
    case 'offline':
      return [withStop(`${server} does not answer: ${link.error.why ?? link.error.what}`)];
    case 'stale':
      return [`${server} has not answered for a minute: what is told may be old.`];
    case 'live':
      return before === undefined || before.kind === 'connecting' ? [] : [`${server} answers again.`];
    case 'connecting':
    case 'nowhere':
      return [];
  }
}

/** The question again, for an answer that came to nothing. */
export function askAgain(heard: Heard): Told {
  return { lines: spokenLines([asksNow(heard.spoken)]), heard };
}

function asksNow({ asks, waitsFor }: Spoken): string {
  return asks === '' && waitsFor !== undefined ? sentence(`Not yet: ${waitsFor}`) : asks;
}

function readsAll({ choices, asks, isLive }: Spoken, before: Spoken | undefined, answered: boolean): boolean {
  if (!before) return true;
  const isSame =
    asks === before.asks &&
    choices.length === before.choices.length &&
    choices.every((choice, index) => identityOf(choice) === identityOf(before.choices[index]));
  return !isSame && (!isLive || answered || asks !== before.asks || before.choices.length === 0);
}

function identityOf(choice: Choice | undefined): string | undefined {
  return choice?.about ?? choice?.label;
}

/** On a live screen: what changed by itself, in sentences; the numbers stay as they were heard. */
function changesOf(now: readonly Choice[], before: readonly Choice[]): readonly string[] {
  const known = new Map(rowsIn(before).map(({ about, news }) => [about, news]));
  const here = rowsIn(now);
  const isOther = here.length !== known.size || here.some(({ about }) => !known.has(about));
  const changed = here.flatMap(({ about, news }) =>
    news !== undefined && known.has(about) && known.get(about) !== news ? [news] : [],
  );
  if (changed.length > atOnce)
    return [`${changed.length.toLocaleString('en')} in the list have changed: press Enter to hear it.`];
  return [...changed, ...(isOther ? ['The list has changed: press Enter to hear it.'] : [])];
}

function rowsIn(choices: readonly Choice[]): readonly Choice[] {
  return choices.filter(({ about }) => about !== undefined);
}

function numberedLines(choices: readonly Choice[], from: number, to: number): readonly string[] {
  const left = choices.length - to;
  return [
    ...choices.slice(from, to).map(numberedAs(choices)),
    ...(left > 0 ? [`And ${left} more: type more to hear them.`] : []),
  ];
}

/** As they are printed: each can be read out, none is empty, and none is the one before it again. */
function spokenLines(lines: readonly string[]): readonly string[] {
  const clean = lines.map(spokenLine).filter((line) => line !== '');
  return clean.filter((line, index) => line !== clean[index - 1]);
}

/** What a typed line comes to: a step of the model, or something to say that changes nothing. */
export type Answer =
  | { readonly kind: 'step'; readonly run: (state: TuiState) => Next }
  | { readonly kind: 'leave' }
  | { readonly kind: 'say' | 'no-answer'; readonly told: Told };

export function answer(line: string, state: TuiState, heard: Heard): Answer {
  const text = line.trim();
  const { spoken, numbered } = heard;
  const step = (run: (state: TuiState) => Next): Answer => ({ kind: 'step', run });
  const only = (kind: 'say' | 'no-answer', ...lines: readonly string[]): Answer => ({
    kind,
    told: { lines: spokenLines([...lines, asksNow(spoken)]), heard },
  });
  const word = text.toLowerCase();
  switch (word) {
    case '':
      return { kind: 'say', told: tell(state, undefined, { answered: true }) };
    case 'help':
      return only('say', ...helpLines);
    case 'back':
      return step(press('Esc'));
    case 'quit':
      return { kind: 'leave' };
  }
  // In a field they are text.
  if (!isTypedInto(topScreen(state))) {
    const named = namedPlaces.find(({ name }) => name === word);
    if (named) return step(named.run);
    if (word === 'more') return { kind: 'say', told: readMore(heard) };
    if (word === 'refresh')
      return step((now) => stay({ ...now, notice: `Asking ${now.server} again.` }, { kind: 'look-again' }));
  }
  if (/^\d+$/.test(text) && numbered.length > 0) {
    const chosen = numbered[Number(text) - 1];
    return chosen ? step(chosen.run) : only('no-answer', `There is no ${text}: the last one is ${numbered.length}.`);
  }
  const { takes } = spoken;
  if (takes) return step((now) => takes(now, text));
  const meant = choicesMeant(word, heard);
  const [one] = meant;
  if (one && meant.length === 1) return step(one.run);
  if (one)
    return only('no-answer', `${quoteForPeople(text)} could be more than one:`, ...meant.map(numberedAs(numbered)));
  const isEarly = spoken.waitsFor !== undefined && numbered.length === 0;
  return only(
    'no-answer',
    `${quoteForPeople(text)} ${isEarly ? 'came too early and is not taken' : 'is no answer here'}.`,
  );
}

/** Those whose label it is; else those that begin with it; else those that have all its words. */
function choicesMeant(text: string, { numbered, spoken }: Heard): readonly Choice[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const labels = numbered.map((choice) => ({ choice, label: wordsOf(choice.label) }));
  const beginning = labels.filter(({ label }) => words.every((word, index) => word === label[index]));
  const whole = beginning.filter(({ label }) => label.length === words.length);
  const some = labels.filter(({ label }) => words.every((word) => label.includes(word)));
  const ways = spoken.wantsWholeLabel ? [whole] : [whole, beginning, some];
  return (ways.find((found) => found.length > 0) ?? []).map(({ choice }) => choice);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function numberedAs(numbered: readonly Choice[]) {
  return (choice: Choice) => `${numbered.indexOf(choice) + 1}. ${choice.label}`;
}

const helpLines = [
  'A number opens or does what was read out with it. Outside of lists, so do its words.',
  'Enter alone reads everything again. More reads on in a long list.',
  'Back goes back, and changes nothing. Refresh asks the server again.',
  'Quit leaves; what runs on the server goes on.',
  `From everywhere, these open by their names: ${namedPlaces.map(({ name }) => name).join(', ')}.`,
] as const;

function readMore(heard: Heard): Told {
  const { numbered, readOut, spoken } = heard;
  if (readOut >= numbered.length) return { lines: spokenLines(['That is all.', spoken.asks]), heard };
  const to = Math.min(readOut + atOnce, numbered.length);
  return {
    lines: spokenLines([...numberedLines(numbered, readOut, to), spoken.asks]),
    heard: { ...heard, readOut: to },
  };
}

/** Said while nothing else is: what still goes on, and for how long. */
export function stillWaiting({ spoken }: Heard, waitedMs: number): readonly string[] {
  const { waitsFor } = spoken;
  if (waitsFor === undefined) return [];
  const what = waitsFor.replace(/^Waiting(:| for) /, '');
  return spokenLines([sentence(`Still waiting, ${waitInWords(waitedMs)} so far: ${what}`)]);
}
