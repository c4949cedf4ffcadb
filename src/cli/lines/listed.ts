import { counted, quoteForPeople } from '../../core/index.ts';
import { generalActions } from '../tui/model/actions.ts';
import { fieldOf } from '../tui/model/field.ts';
import { type Listed, type ListScreen, shownOf } from '../tui/model/list.ts';
import { type Next, stay, withTop } from '../tui/model/next.ts';
import { openServers, otherServer } from '../tui/model/screens/servers.ts';
import { introduction, openWelcome } from '../tui/model/screens/welcome.ts';
import { type TuiState, topScreen } from '../tui/model/state.ts';
import { goTo, type Tab, tabs } from '../tui/model/tabs.ts';
import { type Choice, press, type Spoken } from './spoken.ts';

/** A screen that is a list: its rows with numbers, and a word to filter them by, as on the screen. */
export function sayList<Row, Of extends ListScreen>(
  state: TuiState,
  screen: Of,
  {
    listed,
    row,
    head,
    one,
    keys = ['Enter'],
  }: {
    listed: Listed<Row, Of>;
    row: (row: Row) => Omit<Choice, 'run'>;
    /** Told while all are shown. */
    head: string;
    /** "experiment" */
    one: string;
    /** What opens a row that the cursor is on. */
    keys?: readonly string[];
  },
): Spoken {
  const { rows, total } = shownOf(state, screen, listed);
  const filter = screen.list.filter.text;
  const matching = `${rows.length} of ${counted(total, one)} ${rows.length === 1 ? 'matches' : 'match'} ${filter}.`;
  return {
    told: [filter === '' ? head : matching],
    choices: rows.map((found) => ({ ...row(found), run: openRow(listed.idOf(found)) })),
    asks: filter === '' ? asksOf(screen) : afterFilter(rows.length),
    takes: filterBy,
    refusedWith: 'experiment-not-found',
    isLive: true,
  };

  function filterBy(now: TuiState, text: string): Next {
    const there = topScreen(now) as Of;
    const filtered = { ...there, list: { ...there.list, filter: fieldOf(text), isTyping: false } };
    if (shownOf(now, filtered, listed).rows.length > 0) return stay(withTop(now, filtered));
    return stay({ ...now, notice: `Nothing here matches ${quoteForPeople(text)}.` });
  }

  function openRow(id: string): Choice['run'] {
    return (now) => {
      const there = topScreen(now) as Of;
      if (!listed.all(now, there).some((found) => listed.idOf(found) === id))
        return stay({ ...now, notice: 'It is not there any more.' });
      // Under a filter that was typed since, it would not be shown.
      const list = { ...there.list, at: id, filter: fieldOf(''), isTyping: false };
      return press(...keys)(withTop(now, { ...there, list }));
    };
  }
}

/** What is opened by its name, from wherever letters are no text: the lists, and what concerns no single row. */
export const namedPlaces: readonly { readonly name: string; readonly run: Choice['run'] }[] = [
  ...generalActions.map(({ label, run }) => ({ name: label.toLowerCase(), run })),
  ...tabs.map((tab) => ({ name: tab.label.toLowerCase(), run: (state: TuiState) => open(tab, state) })),
  { name: otherServer.label.toLowerCase(), run: openServers },
  { name: introduction.label.toLowerCase(), run: openWelcome },
];

/** A cursor cannot be heard: on the list of experiments no single one of them is meant. */
function open(tab: Tab, state: TuiState): Next {
  const opened = goTo(tab, state);
  const top = topScreen(opened.state);
  const isOfOne = top.name === 'backups' && top.of === 'one' && topScreen(state).name === 'experiments';
  if (!isOfOne) return opened;
  const all = press('Tab')(opened.state);
  return { state: all.state, effects: [...opened.effects, ...all.effects] };
}

function asksOf({ name }: ListScreen): string {
  if (name !== 'experiments') return 'Type a number to open, a word to filter, back, help, or quit.';
  const here = tabs.find((tab) => tab.name === name)?.label.toLowerCase();
  const others = namedPlaces.flatMap((place) => (place.name === here ? [] : [place.name]));
  return `Type a number to open, a word to filter, ${[...others, 'help'].join(', ')}, or quit.`;
}

function afterFilter(count: number): string {
  return count === 0 ? 'Type another word, or back to hear all.' : 'Type a number to open, back to hear all, or quit.';
}
