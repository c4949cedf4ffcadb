import type { LogLine } from '../../../core/index.ts';
import { matches } from './list.ts';

/** Which of a study's two logs: that of oTree, or that of its database. */
export type LogPart = 'web' | 'db';

export const logParts: readonly LogPart[] = ['web', 'db'];

/** A line as it came: safe and masked by core, here on one line and not endless. */
export interface NewLine {
  readonly part: LogPart;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly at: string;
  readonly text: string;
  readonly level: 'error' | 'warning' | undefined;
}

export interface LogEntry extends NewLine {
  /** Its number since the log was opened, from 0. A number that is missing between two was dropped. */
  readonly seq: number;
}

/** The newest lines, oldest first, and how many came altogether. */
export interface LogBuffer {
  readonly lines: readonly LogEntry[];
  readonly received: number;
}

export const emptyBuffer: LogBuffer = { lines: [], received: 0 };

/** More are dropped, the oldest first. */
export const keptLines = 5_000;
/** What somebody reads who has scrolled up is held beside them. */
const heldLines = 2 * keptLines;
const keptLetters = 2_000;

/** A line of core's as the log screen keeps it: without what says nothing. */
export function newLine(part: LogPart, { stream, at, text }: LogLine): NewLine {
  const flat = text.replaceAll('\t', '    ').replaceAll('\n', ' ').trimEnd();
  const more = flat.length - keptLetters;
  const kept = more > 0 ? `${flat.slice(0, keptLetters)}… and ${more} more letters` : flat;
  return { part, at, text: kept.replace(saidOnEachLine, ''), level: levelOf(part, stream, flat) };
}

/** Uvicorn begins nearly every line with it, core has masked the address, and it pushes the rest out of the window. */
const saidOnEachLine = /^INFO: +(?:‹address› - )?/;

const harmless = /^(?:INFO|DEBUG)\b/;
const serverError = /" 5\d\d\b/;
const errorWords = /\b(?:ERROR|CRITICAL|FATAL|PANIC)\b|^Traceback\b|^[\w.]*(?:Error|Exception)\b/;
const warningWords = /\b(?:WARN|WARNING|warning)\b|Warning\b/;

/**
 * How bad a line is by its own words. Of oTree also whatever it writes to stderr; Postgres writes everything there.
 */
function levelOf(part: LogPart, stream: LogLine['stream'], text: string): NewLine['level'] {
  if (harmless.test(text)) return serverError.test(text) ? 'error' : undefined;
  if (errorWords.test(text)) return 'error';
  if (warningWords.test(text)) return 'warning';
  return part === 'web' && stream === 'stderr' && text !== '' ? 'error' : undefined;
}

/** With lines that came together put in the order of their times. */
export function addLines({ lines, received }: LogBuffer, added: readonly NewLine[]): LogBuffer {
  const sorted = added.toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1));
  const numbered = sorted.map((line, index): LogEntry => ({ ...line, seq: received + index }));
  return { lines: [...lines, ...numbered].slice(-keptLines), received: received + added.length };
}

/** What was held still, and what is there after it. */
export function heldAndNewer(held: readonly LogEntry[], newer: readonly LogEntry[]): readonly LogEntry[] {
  const last = held.at(-1)?.seq ?? -1;
  return [...held, ...newer.slice(firstFrom(newer, last + 1))];
}

/** As much as is held for somebody whose window reaches from one entry to another: all of the window at least. */
export function hold(entries: readonly LogEntry[], { from, to }: { from: number; to: number }): readonly LogEntry[] {
  if (entries.length <= heldLines) return entries;
  const start = Math.min(firstFrom(entries, from), entries.length - heldLines);
  const end = Math.max(start + heldLines, firstFrom(entries, to + 1));
  return entries.slice(start, end);
}

/** Index of the first with this number or a later one; by halves, because they are in order. */
export function firstFrom(entries: readonly { readonly seq: number }[], seq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is shown of a log: its lines, and where some are missing. */
export type LogItem =
  | { readonly kind: 'line'; readonly seq: number; readonly entry: LogEntry }
  /** So many were dropped, the last of them with this number. */
  | { readonly kind: 'dropped'; readonly seq: number; readonly count: number };

export interface Sieve {
  readonly part: LogPart | 'all';
  /** Words that have to be in a line; `!word`: that must not. */
  readonly filter: string;
}

/** The lines that are let through, and every place where lines were dropped. */
export function sieve(entries: readonly LogEntry[], { part, filter }: Sieve): readonly LogItem[] {
  const fits = matcher(filter);
  const items: LogItem[] = [];
  let before = -1;
  for (const entry of entries) {
    const count = entry.seq - before - 1;
    if (count > 0) items.push({ kind: 'dropped', seq: entry.seq - 1, count });
    if ((part === 'all' || entry.part === part) && fits(entry)) items.push({ kind: 'line', seq: entry.seq, entry });
    before = entry.seq;
  }
  return items;
}

/** Whether a line has the words of a query. All lines have those of an empty one. */
export function matcher(query: string): (line: Pick<NewLine, 'text'>) => boolean {
  const words = wordsOf(query);
  return words.length === 0 ? () => true : ({ text }) => matches(text.toLowerCase(), words);
}

/** What a search finds in a line, to be made visible: the words that are looked for, not those taken out. */
export function soughtWords(query: string): readonly string[] {
  return wordsOf(query).filter((word) => !word.startsWith('!'));
}

function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '' && word !== '!');
}

/** Whether a line begins something bad: the lines after it that belong to it do not count. */
export function beginsError(items: readonly LogItem[], index: number): boolean {
  return isError(items[index]) && !isError(items[index - 1]);
}

function isError(item: LogItem | undefined): boolean {
  return item?.kind === 'line' && item.entry.level === 'error';
}

/** A line for a file or the clipboard. */
export function formatEntry({ at, part, text }: LogEntry): string {
  return `${at} ${partNames[part]} ${text}`;
}

export const partNames: Readonly<Record<LogPart, string>> = { web: 'oTree', db: 'database' };
