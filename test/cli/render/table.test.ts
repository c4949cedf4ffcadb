import { describe, expect, it } from 'vitest';
import { formatAge, formatTime } from '../../../src/cli/render/format.ts';
import { renderTable } from '../../../src/cli/render/table.ts';

describe('a table', () => {
  it('is as wide as its widest cells, and has no spaces at the end of a line', () => {
    expect(
      renderTable(
        ['STUDY', 'STATE', 'ADDRESS'],
        [
          ['my-exp', 'running', 'https://my-exp.lab.test'],
          ['trust-game--staging', 'stopped', ''],
        ],
      ),
    ).toBe(`STUDY                STATE    ADDRESS
my-exp               running  https://my-exp.lab.test
trust-game--staging  stopped`);
  });

  it('without rows is its header', () => {
    expect(renderTable(['A', 'B'], [])).toBe('A  B');
  });

  it('keeps one line a row, whatever is in a cell', () => {
    expect(renderTable(['A', 'B'], [['one\ntwo\tthree', '\u001b[31mred']])).toBe(
      'A              B\none two three  ␛[31mred',
    );
  });
});

describe('a time', () => {
  it('is shown to the minute, and not at all when it is none', () => {
    expect(formatTime(new Date(2027, 2, 1, 14, 5).toISOString())).toBe('2027-03-01 14:05');
    expect(formatTime('')).toBe('');
  });

  it.each([
    [0, '0 s'],
    [89, '89 s'],
    [90, '2 min'],
    [89 * 60, '89 min'],
    [90 * 60, '2 h'],
    [35 * 3600, '35 h'],
    [36 * 3600, '2 d'],
    [-5, '0 s'],
  ])('%i s ago is %s', (seconds, age) => {
    const now = new Date('2027-03-01T12:00:00Z');

    expect(formatAge(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(age);
  });

  it('that is none has no age', () => {
    expect(formatAge('')).toBe('');
  });
});
