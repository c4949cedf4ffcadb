// Ink brings it.
import inksWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import stringWidth from '../../../../src/cli/tui/view/string-width.ts';
import { widthOf } from '../../../../src/cli/tui/view/text.ts';

describe('the width of a text', () => {
  it('is what Ink measures, for every letter that there is', () => {
    const different: string[] = [];
    // Of the many thousands of ideographs and syllables some stand for all.
    for (let point = 0x20; point < 0x40000; point += isOneOfMany(point) ? 97 : 1) {
      const letter = String.fromCodePoint(point);
      // Not assigned, controls and halves of pairs; and vowels that stand on a letter before them, where there is none.
      if (/[\p{Cn}\p{Cc}\p{Cs}\p{Co}\u1160-\u11ff\ud7b0-\ud7fb]/u.test(letter)) continue;
      if (widthOf(letter) !== inksWidth(letter)) different.push(`U+${point.toString(16)} ${letter}`);
    }

    expect(different).toEqual([]);
  });

  it.each(['plain', '公共財', 'e\u0301te\u0301', '🇩🇪', '한국어', '✅ done ⚡', '❯ ● Running'])(
    'is what Ink measures: %s',
    (text) => {
      expect(widthOf(text)).toBe(inksWidth(text));
    },
  );

  it('leaves out what only switches colours', () => {
    expect(stringWidth('\u001b[1m\u001b[32m● live\u001b[39m\u001b[22m')).toBe(6);
  });
});

function isOneOfMany(point: number): boolean {
  return (point > 0x3400 && point < 0xd700) || (point > 0x12000 && point < 0x1b000) || point > 0x20000;
}
