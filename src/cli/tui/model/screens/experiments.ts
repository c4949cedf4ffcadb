import { actions, actionsFor, begin } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import type { Key } from '../keys.ts';
import { layoutOf } from '../layout.ts';
import { type Next, nextSerial, push, stay, withTop } from '../next.ts';
import type { Opened, Study, TuiState } from '../state.ts';
import { clampTop, moved } from '../window.ts';

/** The list of all studies: the lowest screen, from which everything is reached. */
export interface ExperimentsScreen extends Opened {
  readonly name: 'experiments';
  /** Stack under the cursor: a list that is sorted anew does not move anybody to another study. */
  readonly at: string | undefined;
  readonly top: number;
  readonly filter: Field;
  /** Whether keys go into the filter. */
  readonly isTyping: boolean;
}

export const experimentsScreen: ExperimentsScreen = {
  name: 'experiments',
  serial: 1,
  at: undefined,
  top: 0,
  filter: emptyField,
  isTyping: false,
};

/** The studies that the filter lets through; `!word` takes out those it fits. */
export function shownStudies({ studies = [] }: TuiState, { filter }: ExperimentsScreen): readonly Study[] {
  const words = filter.text.toLowerCase().split(' ').filter(Boolean);
  return words.length === 0 ? studies : studies.filter((study) => words.every((word) => fits(study, word)));
}

function fits({ stack, state, busy, owner }: Study, word: string): boolean {
  const text = `${stack} ${state} ${busy?.verb ?? ''} ${owner}`.toLowerCase();
  return word.startsWith('!') ? !text.includes(word.slice(1)) || word === '!' : text.includes(word);
}

/** The study under the cursor: the first, where the cursor's own is not shown. */
export function studyUnderCursor(state: TuiState, screen: ExperimentsScreen): Study | undefined {
  const shown = shownStudies(state, screen);
  return shown.find(({ stack }) => stack === screen.at) ?? shown[0];
}

/** First row of the window, given what is shown. */
export function topOf(state: TuiState, screen: ExperimentsScreen): number {
  const shown = shownStudies(state, screen);
  const cursor = Math.max(
    0,
    shown.findIndex(({ stack }) => stack === screen.at),
  );
  return clampTop(screen.top, cursor, listRows(state), shown.length);
}

/** Rows of studies that fit below the line of headings. */
export function listRows({ size }: TuiState): number {
  return Math.max(1, layoutOf(size).bodyRows - 1);
}

const hasStudy = (state: TuiState, screen: ExperimentsScreen) => studyUnderCursor(state, screen) !== undefined;

const bindings: readonly Binding<ExperimentsScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j', 'PgUp', 'PgDn', 'Home', 'End'],
    does: 'move',
    hint: 'move',
    when: hasStudy,
    run: (state, screen, key) => {
      const shown = shownStudies(state, screen);
      const cursor = Math.max(
        0,
        shown.findIndex(({ stack }) => stack === screen.at),
      );
      const height = listRows(state);
      const to = moved(cursor, key, { count: shown.length, height }) ?? cursor;
      const top = clampTop(topOf(state, screen), to, height, shown.length);
      return stay(withTop(state, { ...screen, at: shown[to]?.stack, top }));
    },
  },
  {
    keys: ['Enter', 'Right', 'a'],
    does: 'open the experiment and all that can be done with it',
    hint: 'open',
    when: hasStudy,
    run: (state, screen) => openStudy(state, studyUnderCursor(state, screen)),
  },
  {
    keys: ['/'],
    does: 'filter the list by typing; !word takes out',
    hint: 'filter',
    run: (state, screen) => stay(withTop(state, { ...screen, isTyping: true })),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'show all again',
    when: (_, { filter }) => filter.text !== '',
    run: (state, screen) => stay(withTop(state, { ...screen, filter: emptyField, isTyping: false })),
  },
  ...actionKeys().map(
    (key): Binding<ExperimentsScreen> => ({
      keys: [key],
      does: actions
        .filter((action) => action.key === key && action.tier !== 'final')
        .map(({ id }) => id.replaceAll('-', ' '))
        .join(' or '),
      when: (state, screen) => actionUnder(state, screen, key) !== undefined,
      run: (state, screen) => {
        const found = actionUnder(state, screen, key);
        return found ? begin(found.action, state, found.study) : stay(state);
      },
    }),
  ),
];

/** What destroys has no key in a list: it stands in the menu of the experiment. */
function actionKeys(): readonly Key[] {
  return [...new Set(actions.filter(({ tier }) => tier !== 'final').map(({ key }) => key))];
}

function actionUnder(state: TuiState, screen: ExperimentsScreen, key: Key) {
  const study = studyUnderCursor(state, screen);
  const action = study && actionsFor(study).find((one) => one.key === key && one.tier !== 'final');
  return study && action && { study, action };
}

export function openStudy(state: TuiState, study: Study | undefined): Next {
  if (!study) return stay(state);
  const { stack } = study;
  return push(state, { name: 'study', serial: nextSerial(state), stack, cursor: 0 }, { kind: 'read-study', stack });
}

function typeFilter(state: TuiState, screen: ExperimentsScreen, filter: Field): Next {
  return stay(withTop(state, { ...screen, filter, top: 0 }));
}

export const experimentsRules: ScreenRules<ExperimentsScreen> = {
  bindings,
  isTyping: ({ isTyping }) => isTyping,
  typed(state, screen, key) {
    if (!screen.isTyping) return undefined;
    if (key === 'Esc') return stay(withTop(state, { ...screen, filter: emptyField, isTyping: false }));
    if (key === 'Enter') return stay(withTop(state, { ...screen, isTyping: false }));
    // The list can be walked through while the filter is typed.
    if (key === 'Up' || key === 'Down') return undefined;
    const filter = typeInto(screen.filter, key);
    return filter && typeFilter(state, screen, filter);
  },
  pasted(state, screen, text) {
    return screen.isTyping ? typeFilter(state, screen, insert(screen.filter, text)) : stay(state);
  },
};
