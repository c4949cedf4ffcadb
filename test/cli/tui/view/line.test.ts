import { expect, it } from 'vitest';
import { type Line, line, spread } from '../../../../src/cli/tui/view/line.ts';

const shown = (cells: Line) => cells.map(({ text }) => text).join('');
const live = line('● live ');

it('leaves a space before what stands at the right end, however long the rest is', () => {
  expect(shown(spread(line(' oForest › my-first › Undo the last reset'), live, 30))).toBe(
    ' oForest › my-first ›… ● live ',
  );
  expect(shown(spread(line(' oForest'), live, 30))).toBe(' oForest               ● live ');
});

it('gives all of the line to the left where nothing stands at the right', () => {
  expect(shown(spread(line('as wide as this'), [], 15))).toBe('as wide as this');
});
