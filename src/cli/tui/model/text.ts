/** Letters that terminals draw over two cells: East Asian wide and full forms, and emoji; a flag is two letters. */
const wide =
  /(?![\u{1f1e6}-\u{1f1ff}])[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufad9\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f202}\u{1f210}-\u{1f23b}\u{1f240}-\u{1f248}\u{1f250}\u{1f251}\u{1f260}-\u{1f265}\u{20000}-\u{3fffd}]/u;
/** Marks and vowels that sit on the letter before them, and what is not shown at all. */
const narrowest = /[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7fb]/u;
const plain = /^[\x20-\x7e]*$/;

/** Cells that a text takes. It has to be safe text already: no control bytes. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const letter of text) width += widthOfLetter(letter);
  return width;
}

function widthOfLetter(letter: string): number {
  if (narrowest.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

/** The text in so many cells at most; `…` says that more was there. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width <= 0 ? '' : `${take(text, width - 1)}…`;
}

/** As `cut`, but the end is kept as well: two long names often differ only there. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width || width < 5) return cut(text, width);
  const head = Math.ceil((width - 1) / 2);
  const tail = Array.from(text).reverse().join('');
  return `${take(text, head)}…${Array.from(take(tail, width - 1 - head))
    .reverse()
    .join('')}`;
}

/** Somebody in so many cells: how they came here, in brackets, gives way before their name does. */
export function cutAuthor(author: string, width: number): string {
  return cut(widthOf(author) <= width ? author : author.replace(/ \(.*\)$/, ''), width);
}

/** The text in exactly so many cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'left' ? shown + space : space + shown;
}

/** The text over as many lines as it needs, broken between words where it can be. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((one) => hardWrap(one, width))) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (widthOf(longer) <= width) line = longer;
      else {
        lines.push(line);
        line = word;
      }
    }
    lines.push(line);
  }
  return lines;
}

/** The text in pieces of so many cells, broken anywhere. */
export function hardWrap(text: string, width: number): readonly string[] {
  const found: string[] = [];
  let rest = text;
  while (widthOf(rest) > width && width > 0) {
    const piece = take(rest, width) || Array.from(rest).slice(0, 1).join('');
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}

function take(text: string, width: number): string {
  let taken = '';
  let left = width;
  for (const letter of text) {
    left -= widthOfLetter(letter);
    if (left < 0) break;
    taken += letter;
  }
  return taken;
}

/** What sentences are set with, and what is drawn. */
const asciiFor: Readonly<Record<string, string>> = {
  ...{ '…': '~', '·': '.', '–': '-', '—': '-', '“': '"', '”': '"', '‘': "'", '’': "'", '›': '>', '✔': '+', '✖': 'X' },
  ...{ '↑': '^', '↓': 'v', '←': '<', '→': '>', '●': '*', '○': 'o', '█': '#', '░': '.', '─': '-', '│': '|' },
  ...{ '┌': '+', '┐': '+', '└': '+', '┘': '+' },
};

/** The text in as many cells, for a terminal that shows nothing but ASCII: `?` for what it has no letter for. */
export function toAscii(text: string): string {
  if (plain.test(text)) return text;
  return Array.from(text, (letter) => {
    if (plain.test(letter)) return letter;
    return asciiFor[letter] ?? '?'.repeat(widthOfLetter(letter));
  }).join('');
}
