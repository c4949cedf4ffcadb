import { afterEach, describe, expect, it, vi } from 'vitest';
import { type OutputOptions, openOutput } from '../../../src/cli/render/output.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const at = '2027-01-01T09:00:00Z';
const finished = {
  kind: 'operation-finished',
  at,
  operation: 'op',
  result: { stack: 'my-exp', state: 'running' },
} as const;

/** What a finished operation is told as on stderr, which is a terminal or a file. */
function told(options: Partial<OutputOptions>, variables: Record<string, string>, isTTY = false): string {
  const surroundings = { TERM: 'xterm', LC_ALL: 'C.UTF-8', NO_COLOR: '', FORCE_COLOR: '', ...variables };
  for (const [name, value] of Object.entries(surroundings)) vi.stubEnv(name, value);
  const before = process.stderr.isTTY;
  process.stderr.isTTY = isTTY;
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  openOutput({ color: 'auto', ...options }).event(finished);
  process.stderr.isTTY = before;
  const text = write.mock.calls.join('');
  write.mockRestore();
  return text;
}

const colored = (text: string) => text.includes('\u001b[');

describe('what is said on stderr', () => {
  it('has colours on a terminal, and none in a file', () => {
    expect(colored(told({}, {}, true))).toBe(true);
    expect(colored(told({}, {}, false))).toBe(false);
  });

  it.each<[string, boolean, Partial<OutputOptions>, Record<string, string>]>([
    ['FORCE_COLOR=1', true, {}, { FORCE_COLOR: '1' }],
    ['FORCE_COLOR=0', false, {}, { FORCE_COLOR: '0' }],
    ['NO_COLOR', false, {}, { NO_COLOR: '1' }],
    ['TERM=dumb', false, {}, { TERM: 'dumb' }],
    ['--color always', true, { color: 'always' }, { NO_COLOR: '1' }],
    ['--color never', false, { color: 'never' }, { FORCE_COLOR: '1' }],
  ])('has colours as %s says: %s', (_, hasColors, options, variables) => {
    // Whoever insists gets them in a file as well, and whoever has none has none on a terminal either.
    expect(colored(told(options, variables, !hasColors))).toBe(hasColors);
  });

  it.each<[string, string, Partial<OutputOptions>, Record<string, string>]>([
    ['a locale of UTF-8', '✓', {}, {}],
    ['another locale', '*', {}, { LC_ALL: 'C' }],
    ['the Linux console', '*', {}, { TERM: 'linux' }],
    ['--ascii', '*', { ascii: true }, {}],
  ])('has the signs of %s: %s', (_, sign, options, variables) => {
    expect(told(options, variables)).toContain(`${sign} Done`);
  });
});
