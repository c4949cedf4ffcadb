// Ink brings it.
import inksWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cut, cutAuthor, cutMiddle, pad, widthOf, wrap } from '../../../../src/cli/tui/model/text.ts';
import stringWidth from '../../../../src/cli/tui/view/string-width.ts';
import { diceOf } from '../support/random-states.ts';

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

const corpus = [
  ...['', 'plain', 'Käse', 'e\u0301te\u0301', 'ﬁ', '…❯●✔✖○↻─│┃▏·', 'АБВ', 'αβγ', 'שלום', 'مرحبا', 'ไทย'],
  ...['公共財ゲーム', '한국어', 'ｆｕｌｌ', 'ｶﾅ', '、。「」', '𠮷野家', '½ ± × ÷ §', '→ ← ↑ ↓', '日本語 and English'],
  ...['🎲', '🚀', '😀', '🤖', '🧪'],
];

describe('a text that is fitted', () => {
  const dice = diceOf(3);
  const some = () => Array.from({ length: dice(6) }, () => corpus[dice(corpus.length)]).join(dice(2) === 0 ? ' ' : '');
  const cases = Array.from({ length: 2_000 }, () => ({ text: some(), width: 1 + dice(40) }));

  it('is never wider than it may be', () => {
    for (const { text, width } of cases) {
      expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
      expect(widthOf(cutMiddle(text, width))).toBeLessThanOrEqual(width);
      expect(widthOf(pad(text, width))).toBe(width);
      expect(widthOf(pad(text, width, 'right'))).toBe(width);
    }
  });

  it('is left alone where it fits', () => {
    for (const { text } of cases) {
      expect(cut(text, widthOf(text))).toBe(text);
      expect(cutMiddle(text, widthOf(text))).toBe(text);
    }
  });

  it('loses nothing but spaces when it is wrapped', () => {
    for (const { text, width } of cases.filter((one) => one.width > 1)) {
      const lines = wrap(text, width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });

  it('keeps both ends where it is cut in the middle', () => {
    expect(cutMiddle('registry.example.edu/lab/trust-game:v4', 20)).toBe('registry.e…t-game:v4');
  });
});

function isOneOfMany(point: number): boolean {
  return (point > 0x3400 && point < 0xd700) || (point > 0x12000 && point < 0x1b000) || point > 0x20000;
}

it('leaves out how somebody came here before anything of a name', () => {
  const author = 'lab-admin@office (SSH, not verified)';

  expect([40, 20, 12].map((width) => cutAuthor(author, width))).toEqual([author, 'lab-admin@office', 'lab-admin@o…']);
});
