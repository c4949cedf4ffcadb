import { describe, expect, it } from 'vitest';
import { quoteForPeople, safeText } from '../../../src/core/domain/terminal-text.ts';
import { hostileNames, hostileValues } from '../../support/hostile.ts';
import { texts } from './generate.ts';

const safe = /^[\n\t\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u00ad\u3164\ufeff]/u;

describe('text for a terminal', () => {
  it.each(['Trust game, round 2', 'a\tb\nc', 'Öko 研究 دراسة', '☕️ 🌲', 'e\u0301', 'a\u00a0b', '␛[2J'])(
    'leaves %j as it is',
    (text) => {
      expect(safeText(text)).toBe(text);
    },
  );

  it.each([
    ['\u001b[2J', '␛[2J'],
    ['\u001b]0;title\u0007', '␛]0;title␇'],
    ['\u009b2J', '\\u{9b}2J'],
    ['a\0b', 'a␀b'],
    ['50 %\r100 %', '50 %␍100 %'],
    ['a\r\nb', 'a\nb'],
    ['\u007f', '␡'],
    ['\u202ecod.exe', '\\u{202e}cod.exe'],
    ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\ud800', '\\u{d800}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\u3164', '\\u{3164}'],
  ])('shows %j instead of obeying it', (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it('leaves nothing to obey and nothing hidden in any text, and does so once', () => {
    const alphabet = [
      'a',
      '\n',
      '\u001b',
      '[',
      '2J',
      ']',
      '\u0007',
      '\r',
      '\u009c',
      '\u202e',
      '\u200d',
      '\ud83c',
      '\udf32',
    ];
    for (const text of [...hostileNames, ...hostileValues, ...texts(alphabet)]) {
      const shown = safeText(text);
      expect(shown).toMatch(safe);
      expect(shown).not.toMatch(invisible);
      expect(safeText(shown)).toBe(shown);
    }
  });

  it('covers all of C0, C1 and the lone surrogates', () => {
    for (let code = 0; code < 0x1_0000; code += 1) {
      const isLineOrTab = code === 0x0a || code === 0x09;
      const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000);
      const character = String.fromCharCode(code);
      if (isControl && !isLineOrTab) expect(safeText(character)).not.toContain(character);
    }
  });

  it('quotes what was typed on one line, cut when long', () => {
    expect(quoteForPeople('a\n"b"\u202e')).toBe('"a\\n\\"b\\"\\u{202e}"');
    expect(quoteForPeople('a'.repeat(100_000))).toBe(`"${'a'.repeat(60)}…"`);
    expect(quoteForPeople(`${'a'.repeat(59)}🌲`)).toBe(`"${'a'.repeat(59)}\\ud83c…"`);
  });
});
