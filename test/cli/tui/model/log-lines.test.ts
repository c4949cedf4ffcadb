import { describe, expect, it } from 'vitest';
import {
  addLines,
  beginsError,
  emptyBuffer,
  heldAndNewer,
  hold,
  keptLines,
  type LogItem,
  newLine,
  sieve,
} from '../../../../src/cli/tui/model/log-lines.ts';
import { aLine, someLines } from '../support/logs.ts';

const all = { part: 'all', filter: '' } as const;
const textsOf = (items: readonly LogItem[]) =>
  items.map((item) => (item.kind === 'line' ? item.entry.text : `${item.count} dropped`));

describe('the lines that are kept', () => {
  it('stand in the order of their times when they came together', () => {
    const { lines } = addLines(emptyBuffer, [aLine('later', { second: 2 }), aLine('sooner', { second: 1 })]);

    expect(lines.map(({ text }) => text)).toEqual(['sooner', 'later']);
  });

  it('are the newest, and say how many were dropped before them', () => {
    const buffer = addLines(addLines(emptyBuffer, someLines(3)), someLines(keptLines, { from: 4 }));

    expect(buffer.lines).toHaveLength(keptLines);
    expect(textsOf(sieve(buffer.lines, all)).slice(0, 2)).toEqual(['3 dropped', 'line 4']);
  });

  it('say where some are missing between what is held and what came since', () => {
    const held = addLines(emptyBuffer, someLines(10));
    const since = addLines(held, someLines(keptLines + 7, { from: 11 }));

    const texts = textsOf(sieve(heldAndNewer(held.lines, since.lines), all));

    expect(texts.slice(9, 12)).toEqual(['line 10', '7 dropped', 'line 18']);
  });

  it('are held within bounds, and never without the window', () => {
    const { lines } = addLines(emptyBuffer, someLines(keptLines));
    const many = [0, 1, 2].flatMap((round) => lines.map((line) => ({ ...line, seq: line.seq + round * keptLines })));

    const early = hold(many, { from: 20, to: 40 });
    const late = hold(many, { from: 14_900, to: 14_999 });

    expect([early.length, early[0]?.seq]).toEqual([10_000, 20]);
    expect([late.length, late.at(-1)?.seq]).toEqual([10_000, 14_999]);
  });
});

describe('a line', () => {
  it('is kept on one line and not longer than anybody reads', () => {
    const { text } = aLine(`\tindented${'.'.repeat(3_000)}`);

    expect(text).toMatch(/^ {4}indented\.+… and 1012 more letters$/);
  });

  it.each([
    ['INFO:     ‹address› - "GET /login HTTP/1.1" 200 OK', '"GET /login HTTP/1.1" 200 OK'],
    ['INFO:     Application startup complete.', 'Application startup complete.'],
    ['INFORMATION: ‹address› - 5', 'INFORMATION: ‹address› - 5'],
    ['WARNING:  Invalid HTTP request', 'WARNING:  Invalid HTTP request'],
  ])('is kept without what all of them begin with: %s', (said, kept) => {
    expect(aLine(said).text).toBe(kept);
  });

  it.each([
    ['error', 'web', 'stdout', 'Traceback (most recent call last):'],
    ['error', 'web', 'stdout', 'sqlalchemy.exc.OperationalError: gone'],
    ['error', 'web', 'stdout', 'ERROR:    Exception in ASGI application'],
    ['error', 'web', 'stdout', 'INFO:     ‹address› - "GET /p/x HTTP/1.1" 500 Internal Server Error'],
    ['error', 'web', 'stderr', '  File "/app/pg/__init__.py", line 88'],
    ['error', 'db', 'stderr', '2026-11-20 14:02:11 UTC [7] FATAL:  password authentication failed'],
    ['warning', 'web', 'stderr', 'DeprecationWarning: this goes'],
    ['warning', 'db', 'stderr', 'initdb: warning: enabling "trust" authentication'],
    [undefined, 'web', 'stderr', 'INFO:     Started server process [1]'],
    [undefined, 'web', 'stdout', 'INFO:     ‹address› - "GET /ERROR HTTP/1.1" 404 Not Found'],
    [undefined, 'db', 'stderr', '2026-11-20 14:02:11 UTC [1] LOG:  checkpoint complete'],
    [undefined, 'web', 'stdout', 'Running prodserver'],
  ] as const)('is %s by its words: %s %s %s', (level, part, stream, text) => {
    expect(newLine(part, { stream, at: '2026-11-20T14:02:11.000000000Z', text }).level).toBe(level);
  });

  it('begins an error only where the one before it is none', () => {
    const { lines } = addLines(emptyBuffer, [
      aLine('fine', { second: 1 }),
      aLine('Traceback (most recent call last):', { second: 2 }),
      aLine('KeyError: 5', { second: 3 }),
      aLine('fine again', { second: 4 }),
      aLine('ERROR', { second: 5 }),
    ]);
    const items = sieve(lines, all);

    expect(items.map((_, index) => beginsError(items, index))).toEqual([false, true, false, false, true]);
  });
});

describe('a filter', () => {
  const { lines } = addLines(emptyBuffer, [
    aLine('GET /static/a.js', { second: 1 }),
    aLine('POST /p/Contribute', { second: 2 }),
    aLine('checkpoint of /p', { second: 3, part: 'db' }),
  ]);

  it('lets through what has all its words and none of those with !', () => {
    expect(textsOf(sieve(lines, { part: 'all', filter: '/p !get' }))).toEqual([
      'POST /p/Contribute',
      'checkpoint of /p',
    ]);
  });

  it('lets through one part alone', () => {
    expect(textsOf(sieve(lines, { part: 'db', filter: '' }))).toEqual(['checkpoint of /p']);
  });
});
