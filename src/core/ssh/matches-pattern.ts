/** OpenSSH's patterns: `*` is any text, `?` one character; names are compared in lower case. */
export function matchesPattern(name: string, pattern: string): boolean {
  const source = [...pattern.toLowerCase()]
    .map((letter) => (letter === '*' ? '.*' : letter === '?' ? '.' : letter.replace(/[\\^$+.()|[\]{}]/, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's').test(name.toLowerCase());
}

/** One pattern has to match, and none that begins with `!`. */
export function matchesPatternList(name: string, patterns: readonly string[]): boolean {
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(name, pattern.slice(1)));
  return !excluded && patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(name, pattern));
}
