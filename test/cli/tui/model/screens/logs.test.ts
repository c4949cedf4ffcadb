import { describe, expect, it } from 'vitest';
import { keptLines } from '../../../../../src/cli/tui/model/log-lines.ts';
import { newBelow } from '../../../../../src/cli/tui/model/log-moves.ts';
import { logWindow } from '../../../../../src/cli/tui/model/log-window.ts';
import { reduce } from '../../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { aLine, aLogState, logsOf, someLines, told } from '../../support/logs.ts';
import { pressed, shownLines } from '../../support/press.ts';
import { type Dice, diceOf } from '../../support/random-states.ts';

const effectsOf = (state: TuiState, key: string) => reduce(state, { kind: 'key', key }, state.now).effects;
const shownTexts = (state: TuiState) =>
  logWindow(state, logsOf(state)).rows.map(({ item, text }) => (item.kind === 'line' ? text : `${item.count} dropped`));
const newest = (state: TuiState) => shownTexts(state).at(-1);
const hit = (state: TuiState) => {
  const { hit: seq, buffer } = logsOf(state);
  return buffer.lines.find((line) => line.seq === seq)?.text;
};
/** What is on the screen but for the head, which counts what came. */
const still = (state: TuiState) => shownLines(state).slice(1);

describe('the logs of a study', () => {
  it('are followed while they are open, and no longer', () => {
    const state = aLogState([]);
    const { serial } = topScreen(state);

    expect(effectsOf(pressed(state, 'Esc'), 'l')).toMatchObject([{ kind: 'follow-log', stack: 'trust-game' }]);
    expect(effectsOf(state, 'Esc')).toEqual([{ kind: 'close', serial }]);
  });

  it('show the newest line last, as it comes', () => {
    const state = aLogState(someLines(100));
    expect(newest(state)).toBe('line 100');

    expect(newest(told(state, someLines(1, { from: 101 })))).toBe('line 101');
  });

  it('hear nothing that was meant for logs that are closed', () => {
    const state = aLogState(someLines(3));

    const late = reduce(state, { kind: 'log-lines', serial: 99, lines: someLines(1) }, state.now).state;

    expect(logsOf(late).buffer.lines).toHaveLength(3);
  });
});

describe('scrolling up', () => {
  it('stops following, and says how many lines came since', () => {
    const state = told(pressed(aLogState(someLines(100)), 'Up'), someLines(134, { from: 101 }));

    expect(newest(state)).toBe('line 99');
    expect(shownLines(state)[0]).toContain('Paused · 134 new below');
  });

  it('counts as new only what the filter lets through', () => {
    const paused = pressed(aLogState(someLines(100)), '&', ...'wanted', 'Enter', 'Up');

    const state = told(paused, [aLine('wanted'), aLine('other'), aLine('wanted too')]);

    expect(newBelow(logsOf(state)).count).toBe(2);
  });

  it('follows again with End, and when the end is reached', () => {
    const state = told(pressed(aLogState(someLines(100)), 'Up', 'Up'), someLines(1, { from: 101 }));

    expect(newest(pressed(state, 'Down', 'Down'))).toBe('line 100');
    expect(logsOf(pressed(state, 'Down', 'Down')).paused).toBeDefined();
    expect(logsOf(pressed(state, 'Down', 'Down', 'Down')).paused).toBeUndefined();
    expect(newest(pressed(state, 'End'))).toBe('line 101');
  });

  it('goes by pages, by halves and to the beginning with the keys of less', () => {
    const state = aLogState(someLines(100));
    const { height } = logWindow(state, logsOf(state));

    expect(newest(pressed(state, 'b'))).toBe(`line ${100 - height}`);
    expect(newest(pressed(state, 'b', 'b', 'Space'))).toBe(`line ${100 - height}`);
    expect(shownTexts(pressed(state, 'g'))[0]).toBe('line 1');
  });

  it('says how many lines were dropped, and shows where', () => {
    const paused = pressed(aLogState(someLines(100)), 'Up');
    const state = told(paused, someLines(keptLines + 20, { from: 101 }));

    expect(shownLines(state)[0]).toContain('5,000+ new below');
    expect(shownTexts(pressed(state, 'PgDn'))).toContain('20 dropped');
  });
});

describe('a paused view', () => {
  const sizes = [
    { columns: 60, rows: 15 },
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
  ];
  const keys = ['Up', 'PgUp', 'Home', 'u', 'k', 'w', 'T', 'Tab', 'e', 'n', 'Down', 'PgDn'];

  it.each(sizes)('does not move by a cell on $columns x $rows, whatever comes and is dropped', (size) => {
    const anyLine = (dice: Dice, second: number) => {
      const text = ['short', 'ERROR here', `long ${'x'.repeat(dice(300))}`, '財'.repeat(dice(90))][dice(4)]!;
      return aLine(text, { part: dice(3) === 0 ? 'db' : 'web', second });
    };
    const lines = Array.from({ length: keptLines + 30 }, (_, second) => anyLine(diceOf(second + 1), second));
    for (let seed = 1; seed <= 20; seed += 1) {
      const dice = diceOf(seed);
      let state = aLogState(lines.slice(0, dice(400)), size);
      if (dice(2) === 0) state = pressed(state, '&', '!', 'E', 'Enter');
      if (dice(2) === 0) state = pressed(state, '/', 'o', 'Enter');
      for (let steps = 0; steps < 6; steps += 1) {
        state = pressed(state, keys[dice(keys.length)]!);
        if (logsOf(state).paused === undefined) state = pressed(state, 'Up');
        const before = still(state);
        state = told(told(state, lines.slice(0, dice(20))), lines.slice(0, [3, 700, lines.length][dice(3)]!));
        expect(still(state), `seed ${seed}, step ${steps}`).toEqual(before);
      }
    }
  });
});

describe('a search', () => {
  const lines = ['alpha one', 'beta', 'alpha two', 'gamma', 'alpha three', ...Array<string>(60).fill('filler')];
  const state = aLogState(lines.map((text, second) => aLine(text, { second })));

  it('goes to the newest match while it is typed, and stands still there', () => {
    const found = pressed(state, '/', ...'alpha');

    expect(hit(found)).toBe('alpha three');
    expect(logsOf(found).paused).toBeDefined();
    expect(hit(pressed(found, ...' two'))).toBe('alpha two');
  });

  it('goes on upwards with n and downwards with N, and says when nothing is there', () => {
    const found = pressed(state, '/', ...'alpha', 'Enter');

    expect(hit(pressed(found, 'n', 'n'))).toBe('alpha one');
    expect(hit(pressed(found, 'n', 'n', 'N'))).toBe('alpha two');
    expect(pressed(found, 'n', 'n', 'n').notice).toBe('No match above. N looks below.');
  });

  it('finds lines without a word with !', () => {
    expect(hit(pressed(state, '/', ...'!filler'))).toBe('alpha three');
  });

  it('that is given up goes back to where it was begun', () => {
    const given = pressed(state, '/', ...'alpha', 'Esc');

    expect([logsOf(given).search, logsOf(given).paused, logsOf(given).typing]).toEqual(['', undefined, undefined]);
  });

  it('takes letters that are keys elsewhere, and pastes', () => {
    const typing = pressed(state, '/', 'q', 's');
    const pasted = reduce(typing, { kind: 'pasted', text: ' and more' }, state.now).state;

    expect(logsOf(pasted).search).toBe('qs and more');
  });

  it('is ended by Esc, and only the next one goes back', () => {
    const found = pressed(state, '/', ...'alpha', 'Enter');

    expect(logsOf(pressed(found, 'Esc')).search).toBe('');
    expect(topScreen(pressed(found, 'Esc', 'Esc')).name).toBe('experiments');
  });
});

describe('errors', () => {
  const texts = ['ERROR first', 'fine', 'Traceback (most recent call last):', 'KeyError: 5', 'fine'];
  const filler = Array<string>(60).fill('fine');
  const state = aLogState([...texts, ...filler].map((text, second) => aLine(text, { second })));

  it('are gone to with e, the newest first, a traceback as one', () => {
    expect(hit(pressed(state, 'e'))).toBe('Traceback (most recent call last):');
    expect(hit(pressed(state, 'e', 'e'))).toBe('ERROR first');
    expect(hit(pressed(state, 'e', 'e', 'E'))).toBe('Traceback (most recent call last):');
  });

  it('that are not there are said not to be', () => {
    expect(pressed(aLogState(someLines(3)), 'e').notice).toBe('No line is an error.');
  });
});

describe('what is shown', () => {
  it('is one part alone with Tab', () => {
    const state = aLogState([aLine('of oTree'), aLine('of the database', { part: 'db', second: 1 })]);

    expect(shownTexts(pressed(state, 'Tab'))).toEqual(['of oTree']);
    expect(shownTexts(pressed(state, 'Tab', 'Tab'))).toEqual(['of the database']);
    expect(shownTexts(pressed(state, 'Shift-Tab'))).toEqual(['of the database']);
  });

  it('is in whole lines with w, and no line is lost at the top', () => {
    const long = `begin${'.'.repeat(100)}end`;
    const state = pressed(aLogState([...someLines(40), aLine(long, { second: 50 })]), 'w');

    expect(shownTexts(state).slice(-2).join('')).toBe(long);
    expect(shownTexts(pressed(state, 'Home'))[0]).toBe('line 1');
  });

  it('is copied in whole lines, also where they are cut on the screen', () => {
    const long = 'x'.repeat(200);
    const state = aLogState([aLine('short'), aLine(long, { second: 1 })]);

    const [effect] = effectsOf(state, 'c');

    expect(effect).toMatchObject({ kind: 'copy' });
    expect(effect?.kind === 'copy' && String(effect.text).split('\n')[1]).toBe(
      `2026-11-20T14:02:12.000000000Z oTree ${long}`,
    );
  });

  it('is saved with everything that is there, whatever is filtered', () => {
    const state = pressed(aLogState(someLines(3)), '&', '2', 'Enter');

    expect(effectsOf(state, 's')).toEqual([
      {
        kind: 'save',
        name: 'trust-game-2026-11-20T14-02-11Z.log',
        text: [1, 2, 3].map((n) => `2026-11-20T14:02:1${n + 1}.000000000Z oTree line ${n}\n`).join(''),
      },
    ]);
  });
});
