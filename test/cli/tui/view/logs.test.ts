import { expect, it } from 'vitest';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';
import { aLine, aLogState, logsOf, someLines, told } from '../support/logs.ts';
import { pressed, shownLines } from '../support/press.ts';

const timeOf = (at: string) => new Date(at).toTimeString().slice(0, 8);
const lines = [
  aLine('GET /p/Contribute/3 200'),
  aLine('WARNING: page time limit', { second: 1 }),
  aLine('ERROR: IndexError in creating_session', { second: 2 }),
  aLine('checkpoint complete', { part: 'db', second: 3 }),
];
const [first = '', second = '', third = '', fourth = ''] = lines.map(({ at }) => timeOf(at));

it('shows the time, the part and the text of each line, and what is bad with a glyph, on 80x24', () => {
  const shown = shownLines(aLogState(lines));

  expect(shown[0]).toMatch(/^ oForest › trust-game › Logs {2}following · 4 lines .*● live$/);
  expect(shown.slice(3, 7)).toEqual([
    `   ${first} oTree GET /p/Contribute/3 200`,
    ` ! ${second} oTree WARNING: page time limit`,
    ` ✖ ${third} oTree ERROR: IndexError in creating_session`,
    `   ${fourth} db    checkpoint complete`,
  ]);
  expect(shown.at(-3)).toBe(' Everything, newest last. 1 error: e goes to it.');
  expect(shown.at(-1)).toBe(' ↑↓ scroll  / search  e error  Esc back  Tab part  & filter  ? help  q quit');
});

it('says on 60x15 that it stands still, and how to go on', () => {
  const paused = pressed(aLogState(someLines(40), { columns: 60, rows: 15 }), 'Up');

  const shown = shownLines(told(paused, someLines(134, { from: 41 })));

  expect(shown[0]).toMatch(/^ trust-game › Logs {2}Paused · 134 new below +● live$/);
  expect(shown.at(-3)).toMatch(/ line 39$/);
  expect(shown.at(-1)).toBe(' End follow again  ↑↓ scroll  Esc back  ? help  q quit');
});

it('uses the rows and columns of 120x40', () => {
  const long = `begin ${'.'.repeat(90)} end`;
  const shown = shownLines(aLogState([...someLines(50), aLine(long, { second: 60 })], { columns: 120, rows: 40 }));

  expect(shown.filter((line) => / oTree /.test(line))).toHaveLength(33);
  expect(shown.join('\n')).toContain(long);
});

it('shows what is typed also where there is no line for the summary', () => {
  const state = aLogState(lines, { columns: 60, rows: 15 });

  expect(shownLines(pressed(state, '/', ...'limit')).at(-3)).toBe(' / limit▏   1 line');
  expect(shownLines(pressed(state, '&', ...'limit', 'Enter')).at(-3)).toBe(' & limit   1 of 4 lines');
});

it('makes what is searched for visible, and the line that it went to', () => {
  const frame = frameOf(pressed(aLogState(lines), '/', ...'page'), { ascii: false });
  const row = frame.find((cells) => cells.some(({ text }) => text.includes('time limit'))) ?? [];

  expect(row[0]?.text).toBe('❯! ');
  expect(row.filter(({ inverse }) => inverse).map(({ text }) => text)).toEqual(['page']);
});

it('wraps long lines below their beginning', () => {
  const shown = shownLines(pressed(aLogState([aLine(`${'a'.repeat(62)}bcd`)]), 'w'));

  expect(shown.slice(3, 5)).toEqual([`   ${first} oTree ${'a'.repeat(62)}`, `${' '.repeat(18)}bcd`]);
});

it('lets no line of a study draw on the terminal', () => {
  const text = shownLines(aLogState([aLine('\u001b[2Jcleared')])).join('');

  expect(text).not.toContain('\u001b');
});

it('keeps what was read while the server is away, and says so', () => {
  const state = aLogState(lines);
  const error = { code: 'connection-lost', what: 'following the logs', why: 'The connection was lost.' } as const;
  const { serial } = logsOf(state);

  const away = reduce(
    state,
    { kind: 'log-feed', serial, part: 'web', feed: { kind: 'broken', error } },
    state.now,
  ).state;

  const shown = shownLines(away);
  expect(shown[0]).toContain('not followed · 4 lines');
  expect(shown.join('\n')).toContain('checkpoint complete');
  expect(shown.at(-3)).toBe(' Not read at the moment: The connection was lost. What was read stays.');
});

it('says what an empty log means', () => {
  expect(shownLines(aLogState([])).join('\n')).toContain('Nothing was printed yet.');
  expect(shownLines(pressed(aLogState(lines), '&', ...'nowhere')).join('\n')).toContain(
    'No line has that. Esc shows all lines.',
  );
});
