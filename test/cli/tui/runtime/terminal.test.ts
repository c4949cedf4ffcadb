import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { openTerminal } from '../../../../src/cli/tui/runtime/terminal.ts';
import { openFakeTerminal } from '../support/fake-terminal.ts';

describe('the terminal', () => {
  it('takes what is copied, in whatever script', async () => {
    await using opened = openOne();

    expect(opened.copy('https://財.lab.test')).toBe('all');
    expect(opened.copied()).toBe('https://財.lab.test');
  });

  it('takes no more than 74,994 bytes, and says so', async () => {
    await using opened = openOne();

    expect(opened.copy('x'.repeat(80_000))).toBe('beginning');
    expect(opened.copied()).toHaveLength(74_994);
    expect(opened.copy('x'.repeat(74_994))).toBe('all');
  });

  it('is never cut within a letter', async () => {
    await using opened = openOne();

    opened.copy('財'.repeat(30_000).padStart(90_001, '.'));

    expect(opened.copied()).not.toContain('\ufffd');
  });

  it('shows and copies an address where the person would see no browser', async () => {
    await using opened = openOne();

    opened.terminal.browse('https://trust-game.lab.test');

    expect(opened.copied()).toBe('https://trust-game.lab.test');
    expect(opened.told).toEqual([
      { kind: 'said', text: 'https://trust-game.lab.test is copied: open it in a browser of yours.' },
    ]);
  });

  it('leaves no handler behind', async () => {
    const before = process.listenerCount('SIGTERM') + process.listenerCount('uncaughtException');

    await openOne()[Symbol.asyncDispose]();

    expect(process.listenerCount('SIGTERM') + process.listenerCount('uncaughtException')).toBe(before);
  });
});

function openOne() {
  const { stdin, stdout, ...fake } = openFakeTerminal({ columns: 80, rows: 24 });
  const written = () => fake.written.join('');
  const told: Message[] = [];
  const terminal = openTerminal({
    ...{ stdin, stdout, skeleton: undefined },
    traits: { ascii: false, colors: false, hasBrowser: false },
    dispatch: (message) => told.push(message),
  });
  return {
    terminal,
    told,
    copy: (text: string) => terminal.copy(text, 'The address'),
    copied: () => Buffer.from(/\u001b\]52;c;(.*?)\u0007$/.exec(written())?.[1] ?? '', 'base64').toString(),
    [Symbol.asyncDispose]: () => terminal.close(),
  };
}
