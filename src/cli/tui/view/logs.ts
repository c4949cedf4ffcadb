import { counted } from '../../../core/index.ts';
import type { Layout } from '../model/layout.ts';
import { beginsError, type LogEntry, type LogItem, type LogPart, matcher, soughtWords } from '../model/log-lines.ts';
import { newBelow } from '../model/log-moves.ts';
import { type LogRow, type LogWindow, logWindow, markWidth, partWidth, shownTimes } from '../model/log-window.ts';
import { droppedText, type Feed, type LogsScreen } from '../model/screens/logs.ts';
import type { TuiState } from '../model/state.ts';
import { cut, cutMiddle, pad } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { type Cell, type Color, emptyLine, fitHeight, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { typing } from './typing.ts';

export const logsBody: DrawBody<'logs'> = (state, screen, layout, look): Body => {
  const window = logWindow(state, screen);
  const hasSummary = layout.kind === 'normal' || layout.kind === 'wide';
  const told = askedLine(screen, window, layout, look);
  const body =
    window.rows.length > 0
      ? window.rows.map((row) => rowLine(row, { state, screen, look }))
      : nothingLines(screen, layout, look);
  return {
    title: titleLine(screen, layout, look),
    body: told && !hasSummary ? [...fitHeight(body, window.height), told] : body,
    summary: told && hasSummary ? told : summaryLine(screen, window),
  };
};

const partWords: Readonly<Record<LogsScreen['part'], string>> = {
  all: 'Logs',
  web: 'Logs of oTree',
  db: 'Logs of the database',
};

function titleLine(screen: LogsScreen, { kind, columns }: Layout, look: Look): Line {
  const into = ` ${glyph('into', look)} `;
  const isSmall = kind === 'tiny' || kind === 'compact';
  const where = `${cutMiddle(screen.stack, Math.max(8, columns - 50))}${into}${partWords[screen.part]}  `;
  return line({ text: isSmall ? ' ' : ` oForest${into}`, bold: true }, where, statusCell(screen, look));
}

function statusCell(screen: LogsScreen, look: Look): Cell {
  const { paused, buffer } = screen;
  if (paused) {
    const { count, isMore } = newBelow(screen);
    const below =
      count > 0 ? ` ${glyph('waiting', look)} ${count.toLocaleString('en')}${isMore ? '+' : ''} new below` : '';
    return { text: `Paused${below}`, color: 'yellow' };
  }
  const lines = ` ${glyph('waiting', look)} ${buffer.lines.length.toLocaleString('en')} lines`;
  switch (worstFeed(screen).kind) {
    case 'opening':
      return { text: `opening${lines}`, dim: true };
    case 'following':
      return { text: `following${lines}`, color: 'green' };
    case 'broken':
      return { text: `not followed${lines}`, color: 'yellow' };
  }
}

/** Of the parts that are shown: the one that somebody has to know of. */
function worstFeed({ feeds, part }: LogsScreen): Feed {
  const shown = part === 'all' ? [feeds.web, feeds.db] : [feeds[part]];
  const first = (kind: Feed['kind']) => shown.find((feed) => feed.kind === kind);
  return first('broken') ?? first('opening') ?? { kind: 'following' };
}

const levels: Readonly<Record<NonNullable<LogEntry['level']>, { sign: 'failed' | 'attention'; color: Color }>> = {
  error: { sign: 'failed', color: 'red' },
  warning: { sign: 'attention', color: 'yellow' },
};

/** As `--part` of the command names them, short. */
const partColumn: Readonly<Record<LogPart, string>> = { web: pad('oTree', partWidth), db: pad('db', partWidth) };

function rowLine(
  { item, text, isFirst }: LogRow,
  { state, screen, look }: { state: TuiState; screen: LogsScreen; look: Look },
): Line {
  if (item.kind === 'dropped') return line({ text: `${' '.repeat(markWidth)}(${droppedText(item.count)})`, dim: true });
  const { level, part } = item.entry;
  const { sign, color } = level ? levels[level] : {};
  const isHit = isFirst && screen.hit === item.seq;
  const marks = `${isHit ? glyph('cursor', look) : ' '}${isFirst && sign ? glyph(sign, look) : ' '} `;
  const before = timeText(item.entry, shownTimes(state, screen)) + (screen.part === 'all' ? partColumn[part] : '');
  const room = state.size.columns - markWidth - before.length;
  const style = { ...(color && { color }), ...(isHit && { bold: true as const }) };
  return [
    { text: marks, ...style },
    { text: isFirst ? before : ' '.repeat(before.length), dim: true },
    ...marked(cut(text, room), screen.search).map((cell) => ({ ...style, ...cell })),
  ];
}

/** Of this computer, as its clock shows them. */
function timeText({ at }: LogEntry, times: LogsScreen['times']): string {
  if (times === 'off') return '';
  const when = new Date(at);
  const time = `${when.toTimeString().slice(0, 8).padEnd(8)} `;
  const two = (number: number) => String(number).padStart(2, '0');
  return times === 'time' ? time : `${two(when.getMonth() + 1)}-${two(when.getDate())} ${time}`;
}

/** The text with what is searched for made visible. */
function marked(text: string, search: string): readonly Cell[] {
  const words = soughtWords(search);
  if (words.length === 0) return [{ text }];
  const lower = text.toLowerCase();
  // A letter whose small form is longer would move everything behind it.
  if (lower.length !== text.length) return [{ text }];
  const cells: Cell[] = [];
  let from = 0;
  while (from < text.length) {
    const next = nextFound(lower, words, from);
    if (!next) break;
    if (next.at > from) cells.push({ text: text.slice(from, next.at) });
    cells.push({ text: text.slice(next.at, next.at + next.length), inverse: true });
    from = next.at + next.length;
  }
  return from < text.length ? [...cells, { text: text.slice(from) }] : cells;
}

function nextFound(lower: string, words: readonly string[], from: number): { at: number; length: number } | undefined {
  return words
    .map((word) => ({ at: lower.indexOf(word, from), length: word.length }))
    .filter(({ at }) => at >= 0)
    .reduce<{ at: number; length: number } | undefined>(
      (first, found) => (!first || found.at < first.at ? found : first),
      undefined,
    );
}

/** What is looked for or filtered by, and what came of it. */
function askedLine(screen: LogsScreen, { items }: LogWindow, { columns }: Layout, look: Look): Line | undefined {
  const { search, filter, typing: typed, buffer, paused } = screen;
  const into = typed?.into ?? (filter !== '' ? 'filter' : 'search');
  const text = into === 'filter' ? filter : search;
  if (!typed && text === '') return undefined;
  const lines = items.filter((item) => item.kind === 'line');
  const total = (paused?.held ?? buffer.lines).length;
  const outcome =
    into === 'filter'
      ? `${lines.length.toLocaleString('en')} of ${total.toLocaleString('en')} lines`
      : text.trim() === ''
        ? 'words of a line; !word: without it'
        : foundText(lines, text);
  const field = typed ? typing(typed.field.text, typed.field.cursor, columns - 30, look) : [{ text }];
  return line({ text: into === 'filter' ? ' & ' : ' / ', color: 'cyan' }, ...field, {
    text: `   ${outcome}`,
    dim: true,
  });
}

function foundText(lines: readonly LogItem[], search: string): string {
  const fits = matcher(search);
  const found = lines.filter((item) => item.kind === 'line' && fits(item.entry)).length;
  if (found === 0) return 'no line has that';
  return `${counted(found, 'line')}${found === 1 ? '' : '; n and N go on'}`;
}

const orderWords: Readonly<Record<LogsScreen['part'], string>> = {
  all: 'Everything, newest last.',
  web: 'oTree alone, newest last.',
  db: 'The database alone, newest last.',
};

function summaryLine(screen: LogsScreen, { items }: LogWindow): Line {
  const feed = worstFeed(screen);
  if (feed.kind === 'broken')
    return line({ text: ` Not read at the moment: ${reasonOf(feed.error)} What was read stays.`, color: 'yellow' });
  const errors = items.filter((_, index) => beginsError(items, index)).length;
  const told = errors === 0 ? '' : errors === 1 ? ' 1 error: e goes to it.' : ` ${errors} errors: e goes to the last.`;
  return line(` ${orderWords[screen.part]}${told}`);
}

function reasonOf({ what, why }: { readonly what: string; readonly why?: string }): string {
  return why ?? `${what}.`;
}

function nothingLines(screen: LogsScreen, { columns, bodyRows }: Layout, look: Look): readonly Line[] {
  const feed = worstFeed(screen);
  if (screen.filter !== '') return [line('  No line has that. Esc shows all lines.')];
  if (feed.kind === 'broken')
    return [emptyLine, ...errorLines(feed.error, { width: Math.min(columns, 100), rows: bodyRows - 1 }, look)];
  if (feed.kind === 'opening') return [line(`  Asking for the logs of ${screen.stack}…`)];
  return [line('  Nothing was printed yet. New lines appear here by themselves.')];
}
