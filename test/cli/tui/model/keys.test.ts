import { describe, expect, it } from 'vitest';
import { emptyField, type Field, fieldOf, insert, typeInto } from '../../../../src/cli/tui/model/field.ts';
import { type InkKey, keysOf, textOf } from '../../../../src/cli/tui/model/keys.ts';
import { layoutOf } from '../../../../src/cli/tui/model/layout.ts';
import { clampTop, moved } from '../../../../src/cli/tui/model/window.ts';
import { diceOf } from '../support/random-states.ts';

const nothing: InkKey = {
  ...{ upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false, pageUp: false },
  ...{ home: false, end: false, return: false, escape: false, ctrl: false, shift: false, tab: false },
  ...{ backspace: false, delete: false, meta: false },
};

describe('keys of a chunk of input', () => {
  it.each([
    ['', { upArrow: true }, ['Up']],
    ['\r', { return: true }, ['Enter']],
    ['', { escape: true }, ['Esc']],
    ['', { tab: true }, ['Tab']],
    ['', { tab: true, shift: true }, ['Shift-Tab']],
    ['c', { ctrl: true }, ['Ctrl-C']],
    ['jjj', {}, ['j', 'j', 'j']],
    ['R ', { shift: true }, ['R', 'Space']],
    ['a\rb\tc', {}, ['a', 'Enter', 'b', 'Tab', 'c']],
    ['\u0015v3\u007f', {}, ['Ctrl-U', 'v', '3', 'Backspace']],
    ['a\u0000\u001bb', {}, ['a', 'b']],
    ['公👩', {}, ['公', '👩']],
    ['x', { meta: true }, []],
  ])('%j with %j are %j', (input, flags, keys) => {
    expect(keysOf(input, { ...nothing, ...flags })).toEqual(keys);
  });

  it('write what they are, and named ones nothing', () => {
    expect(['a', '公', 'Space', 'Enter', 'Ctrl-C', 'Up'].map(textOf)).toEqual([
      'a',
      '公',
      ' ',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a field', () => {
  const typed = (keys: readonly string[], from: Field = emptyField) =>
    keys.reduce((field, key) => typeInto(field, key) ?? field, from);

  it.each([
    [[...'abc'], 'abc', 3],
    [[...'abc', 'Left', 'x'], 'abxc', 3],
    [[...'abc', 'Home', 'Delete'], 'bc', 0],
    [[...'abc', 'Ctrl-A', 'Right', 'Backspace'], 'bc', 0],
    [[...'abc', 'Left', 'Ctrl-U'], 'c', 0],
    [[...'one', 'Space', ...'two', 'Space', 'Ctrl-W'], 'one ', 4],
    [['Backspace', 'Left', 'Delete'], '', 0],
    [[...'a公b', 'Left', 'Backspace'], 'ab', 1],
  ])('after %j holds %j, with the cursor at %i', (keys, text, cursor) => {
    expect(typed(keys)).toEqual({ text, cursor });
  });

  it('leaves alone what is not its own', () => {
    expect(['Enter', 'Esc', 'Up', 'Down', 'Tab', 'Ctrl-C'].map((key) => typeInto(fieldOf('a'), key))).toEqual(
      Array(6).fill(undefined),
    );
  });

  it('takes a paste as one line', () => {
    expect(insert(fieldOf('a'), 'b\r\n\tc')).toEqual({ text: 'ab c', cursor: 4 });
  });
});

describe('a window into a list', () => {
  it('holds the cursor, and no empty row while there are rows to fill it', () => {
    const dice = diceOf(7);
    for (let run = 0; run < 5_000; run += 1) {
      const [count, height] = [1 + dice(50), 1 + dice(30)];
      const cursor = dice(count);
      const top = clampTop(dice(80) - 15, cursor, height, count);

      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThanOrEqual(Math.max(0, count - height));
      expect(cursor).toBeGreaterThanOrEqual(top);
      expect(cursor).toBeLessThan(top + height);
    }
  });

  it('keeps two rows beyond the cursor where there are any', () => {
    expect(clampTop(0, 8, 10, 100)).toBe(1);
    expect(clampTop(5, 6, 10, 100)).toBe(4);
    expect(clampTop(0, 99, 10, 100)).toBe(90);
  });

  it('is walked through by keys of movement alone', () => {
    const at = (key: string) => moved(5, key, { count: 20, height: 10 });

    expect(['Up', 'k', 'Down', 'j', 'PgUp', 'PgDn', 'Home', 'End', 'x'].map(at)).toEqual([
      4,
      4,
      6,
      6,
      0,
      15,
      0,
      19,
      undefined,
    ]);
  });
});

describe('a layout', () => {
  it.each([
    [39, 24, 'refused'],
    [80, 7, 'refused'],
    [40, 8, 'tiny'],
    [60, 15, 'compact'],
    [79, 24, 'compact'],
    [80, 23, 'normal'],
    [110, 40, 'wide'],
  ])('of %i columns and %i rows is %s', (columns, rows, kind) => {
    expect(layoutOf({ columns, rows }, 'linux').kind).toBe(kind);
  });

  it('leaves one row free on Windows', () => {
    expect(layoutOf({ columns: 80, rows: 24 }, 'win32')).toMatchObject({ rows: 23, kind: 'normal', bodyRows: 16 });
  });
});
