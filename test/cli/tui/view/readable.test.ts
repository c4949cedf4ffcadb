import { describe, expect, it } from 'vitest';
import type { Link, Study, TuiState } from '../../../../src/cli/tui/model/state.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';
import type { Cell } from '../../../../src/cli/tui/view/line.ts';
import { stateOf } from '../../../../src/cli/tui/view/look.ts';
import { readable } from '../../../../src/cli/tui/view/readable.ts';
import { contrastIn, palettes } from '../support/palettes.ts';
import { diceOf, randomState } from '../support/random-states.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';
import { walkFrom } from '../support/walk.ts';
import { reviewed } from '../support/walk-reviews.ts';

const unicode = { ascii: false };
const plainText: Cell = { text: 'text' };
/** What AA asks for. Solarized light is below it with its own text, which nobody else can mend. */
const leastFor = (palette: (typeof palettes)[string]) => Math.min(4.5, contrastIn(palette, plainText));

describe.each(Object.entries(palettes))('on %s', (_, palette) => {
  it('no word of any screen is harder to read than the terminal makes its own text, or than 4.5:1', () => {
    const sizes = [
      { columns: 60, rows: 15 },
      { columns: 80, rows: 24 },
      { columns: 120, rows: 40 },
    ];
    const found = new Set<string>();
    for (let seed = 0; seed < 300; seed += 1)
      for (const size of sizes)
        for (const cell of frameOf({ ...randomState(diceOf(seed), size), size }, unicode).flat())
          if (/[\p{L}\p{N}]/u.test(cell.text) && contrastIn(palette, cell) < leastFor(palette)) found.add(cell.text);

    expect([...found]).toEqual([]);
  });

  it('each colour of a sign can be told from the background', () => {
    const contrasts = (['green', 'cyan', 'yellow', 'red'] as const).flatMap((color) => [
      contrastIn(palette, { text: '●', color }),
      contrastIn(palette, { text: '●', color, bold: true }),
    ]);

    expect(Math.min(...contrasts)).toBeGreaterThan(2);
  });
});

describe('a cell with a colour', () => {
  const drawn = (cell: Cell, ascii = false) => readable(cell, { ascii });

  it('gives it to its sign, and its words stay as the terminal writes', () => {
    expect(drawn({ text: '● Running', color: 'green' })).toEqual([{ text: '● ', color: 'green' }, { text: 'Running' }]);
    expect(drawn({ text: ' X Failed: deploying', color: 'red' }, true)).toEqual([
      { text: ' X ', color: 'red' },
      { text: 'Failed: deploying', bold: true },
    ]);
  });

  it('has it bold where there is no sign, and never dim where there are words', () => {
    expect(drawn({ text: '  A name begins with a letter.', color: 'yellow' })).toEqual([
      { text: '  A name begins with a letter.', bold: true },
    ]);
    expect(drawn({ text: 'State', dim: true })).toEqual([{ text: 'State' }]);
    expect(drawn({ text: '────', dim: true })).toEqual([{ text: '────', dim: true }]);
  });
});

/** Without a colour, bold, dim or inverse: by its characters alone. */
describe.each([{ ascii: false }, { ascii: true }])('without any colour, ascii $ascii', (look) => {
  const textIn = (state: TuiState) =>
    frameOf(state, look)
      .map((line) => line.map(({ text }) => text).join(''))
      .join('\n');
  const alone = (texts: readonly string[]) => expect(new Set(texts).size).toBe(texts.length);

  it('the states of a study differ', () => {
    const busy = (verb: string) => aStudy({ busy: { operation: 'op1', verb, by: 'jonas' } });
    const studies: readonly Study[] = [
      ...(['running', 'updating', 'going-back', 'stopped', 'deleted'] as const).map((state) => aStudy({ state })),
      ...['deploy', 'rollback', 'stop', 'restart', 'backup', 'reset', 'undo', 'restore', 'delete', 'purge'].map(busy),
    ];
    const link: Link = { kind: 'live' };
    const shown = studies.map((study) => stateOf(study, { link, now: someNow }, look).cell.text);

    alone(shown);
    // And what may be old is not taken for what is.
    const old = studies.map((study) => stateOf(study, { link: { kind: 'stale' }, now: someNow }, look).cell.text);
    alone([...shown, ...old]);
  });

  it('so do the ways that the window stands to its server', () => {
    const error = { code: 'timed-out', what: 'asking' } as const;
    const links: readonly Link[] = [
      { kind: 'live' },
      { kind: 'connecting', since: someNow - 5_000 },
      { kind: 'stale' },
      { kind: 'offline', since: someNow, error, nextTryAt: 'now' },
    ];

    alone(links.map((link) => textIn(aTuiState({ link }))));
  });

  it('so do what is under the cursor and what is not, what can be done now and what cannot, a name typed and one not', () => {
    const list = walkFrom(aTuiState({ studies: [aStudy(), aStudy({ experiment: 'second' })] }));
    const menu = list.press('Enter');
    const palette = list.press(':');
    const asked = reviewed(list.press('Enter', 't'), { people: 24 });
    const named = reviewed(list.press('Enter', 'R'));
    const busy = { operation: 'op1', verb: 'deploy', by: 'jonas' };
    const blocked = walkFrom(aTuiState({ studies: [aStudy({ busy }), aStudy({ experiment: 'second' })] }));

    for (const screen of [list, menu, palette, asked])
      alone([textIn(screen.state), textIn(screen.press('Down').state)]);
    alone([textIn(list.state), textIn(list.press('3').state), textIn(list.press('2').state)]);
    expect(textIn(blocked.press('Enter').state)).toContain('(not now)');
    expect(textIn(menu.state)).not.toContain('(not now)');
    expect(textIn(named.type('trust-gam').state)).toContain('Not yet');
    expect(textIn(named.type('trust-game').state)).toContain('Enter does it');
  });
});
