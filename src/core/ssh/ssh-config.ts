import { matchesPatternList } from './matches-pattern.ts';

/** What we read of `ssh_config(5)`; everything else is OpenSSH's business. Keywords in lower case. */
export type SshOptions = Partial<Record<SingleKeyword, string>> & { identityfile: string[] };

const singleKeywords = [
  'hostname',
  'user',
  'port',
  'proxyjump',
  'proxycommand',
  'userknownhostsfile',
  'globalknownhostsfile',
  'hostkeyalias',
  'identitiesonly',
  'identityagent',
  'connecttimeout',
] as const;
type SingleKeyword = (typeof singleKeywords)[number];

/** One of ssh's config files, with the way to the files that it includes. */
export interface SshConfigSource {
  text: string;
  /** The texts of the files that an Include names, in order; empty where there is none. */
  readInclude: (pattern: string) => readonly string[];
}

/**
 * What the files say about a host as it was typed: the first value wins, identity files add up.
 * `Match` blocks are skipped, but for `Match all`: their conditions can run programs.
 */
export function lookUpHost(host: string, sources: readonly SshConfigSource[]): SshOptions {
  const options: SshOptions = { identityfile: [] };
  for (const { text, readInclude } of sources) readText(text, { host, options, readInclude, depth: 0 });
  return options;
}

interface Reading {
  host: string;
  options: SshOptions;
  readInclude: SshConfigSource['readInclude'];
  depth: number;
}

const maxIncludeDepth = 16;

function readText(text: string, reading: Reading): void {
  const { host, options, readInclude, depth } = reading;
  let applies = true;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = splitLine(line);
    if (keyword === undefined) continue;
    if (keyword === 'host') applies = matchesPatternList(host, values);
    else if (keyword === 'match') applies = values.length === 1 && values[0]?.toLowerCase() === 'all';
    else if (!applies) continue;
    else if (keyword === 'include' && depth < maxIncludeDepth) {
      for (const included of values.flatMap(readInclude)) readText(included, { ...reading, depth: depth + 1 });
    } else if (keyword === 'identityfile' && values[0] !== undefined) options.identityfile.push(values[0]);
    else if (isSingle(keyword)) setFirst(options, keyword, values);
  }
}

function setFirst(options: SshOptions, keyword: SingleKeyword, values: readonly string[]): void {
  // Of ProxyJump and ProxyCommand the one that comes first counts, for both.
  if (keyword === 'proxyjump' && options.proxycommand !== undefined) return;
  if (keyword === 'proxycommand' && options.proxyjump !== undefined) return;
  options[keyword] ??= values.join(' ');
}

function isSingle(keyword: string): keyword is SingleKeyword {
  return (singleKeywords as readonly string[]).includes(keyword);
}

/** `Keyword value`, `Keyword=value`, `Keyword "a value"`; a `#` starts a comment only where a word would. */
function splitLine(line: string): string[] {
  const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(line.replace(/\r$/, ''));
  if (!match) return [];
  const [, keyword = '', rest = ''] = match;
  const words: string[] = [];
  for (const [word, quoted] of rest.matchAll(/"([^"]*)"|\S+/g)) {
    if (quoted === undefined && word.startsWith('#')) break;
    words.push(quoted ?? word);
  }
  return [keyword.toLowerCase(), ...words];
}
