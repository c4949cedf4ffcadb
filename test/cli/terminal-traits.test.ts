import { describe, expect, it } from 'vitest';
import { type TerminalSurroundings, terminalTraits } from '../../src/cli/terminal-traits.ts';

const desktop = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8', DISPLAY: ':0' };
const traitsWith = (variables: Record<string, string>, more: Partial<TerminalSurroundings> = {}) =>
  terminalTraits({
    ...{ ascii: false, color: 'auto', isTerminal: true, platform: 'linux', variables: { ...desktop, ...variables } },
    ...more,
  });

describe('a terminal', () => {
  it('of a desktop has colours, every character, and a browser beside it', () => {
    expect(traitsWith({})).toEqual({ ascii: false, colors: true, hasBrowser: true });
  });

  it.each<[string, Record<string, string>, Partial<TerminalSurroundings>]>([
    ['--ascii', {}, { ascii: true }],
    ['the Linux console', { TERM: 'linux' }, {}],
    ['a locale that is not UTF-8', { LANG: 'C' }, {}],
    ['LC_ALL, which comes before LANG', { LC_ALL: 'POSIX' }, {}],
    ['no locale at all', { LANG: '' }, {}],
  ])('gets ASCII alone for %s', (_, variables, more) => {
    expect(traitsWith(variables, more).ascii).toBe(true);
  });

  it('of macOS has every character where no locale is set', () => {
    expect(traitsWith({ LANG: '' }, { platform: 'darwin' }).ascii).toBe(false);
  });

  it.each<[string, boolean, Record<string, string>, TerminalSurroundings['color']]>([
    ['NO_COLOR', false, { NO_COLOR: '1' }, 'auto'],
    ['an empty NO_COLOR, which is none', true, { NO_COLOR: '' }, 'auto'],
    ['FORCE_COLOR=0', false, { FORCE_COLOR: '0' }, 'auto'],
    ['FORCE_COLOR beside NO_COLOR', true, { FORCE_COLOR: '1', NO_COLOR: '1' }, 'auto'],
    ['a dumb terminal', false, { TERM: 'dumb' }, 'auto'],
    ['--color=never', false, { FORCE_COLOR: '1' }, 'never'],
    ['--color=always', true, { NO_COLOR: '1' }, 'always'],
  ])('has colours as %s says: %s', (_, colors, variables, color) => {
    expect(traitsWith(variables, { color }).colors).toBe(colors);
  });

  it.each<[string, boolean, Record<string, string>, TerminalSurroundings['color']]>([
    ['nothing', false, {}, 'auto'],
    ['FORCE_COLOR', true, { FORCE_COLOR: '1' }, 'auto'],
    ['--color=always', true, {}, 'always'],
  ])('that is a pipe has colours as %s says: %s', (_, colors, variables, color) => {
    expect(traitsWith(variables, { color, isTerminal: false }).colors).toBe(colors);
  });

  it.each([
    ['over SSH', { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }],
    ['without a desktop', { DISPLAY: '' }],
  ])('has no browser beside it %s', (_, variables) => {
    expect(traitsWith(variables).hasBrowser).toBe(false);
  });
});
