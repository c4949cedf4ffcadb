/** A remote command line from words, for any POSIX shell; nothing else quotes what is run. Keep words to one line: csh users exist. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('a word of a command line cannot hold a NUL byte');
  return /^[\w/:=.,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
