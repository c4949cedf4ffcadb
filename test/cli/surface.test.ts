import { describe, expect, it } from 'vitest';
import { type Surface, type Surroundings, surfaceIn } from '../../src/cli/surface.ts';

const atTerminal: Surroundings = {
  accessible: false,
  input: true,
  isTerminal: true,
  variables: { TERM: 'xterm-256color' },
};
const inPipe: Surroundings = { ...atTerminal, isTerminal: false };
const set = (variables: Surroundings['variables']) => ({ variables: { ...atTerminal.variables, ...variables } });

describe('what oforest without a command does', () => {
  it.each<[string, Surroundings, Surface]>([
    ['a screen at a terminal', atTerminal, 'screen'],
    ['the list in a pipe', inPipe, 'list'],
    ['the list in CI', { ...atTerminal, ...set({ CI: 'true' }) }, 'list'],
    ['a screen where CI is empty', { ...atTerminal, ...set({ CI: '' }) }, 'screen'],
    ['the list on a dumb terminal', { ...atTerminal, ...set({ TERM: 'dumb' }) }, 'list'],
    ['the list for scripts and --no-input', { ...atTerminal, input: false }, 'list'],
    ['lines with --accessible', { ...atTerminal, accessible: true }, 'lines'],
    ['lines with --accessible in a pipe: a script of answers', { ...inPipe, accessible: true }, 'lines'],
    [
      'lines with --accessible on a dumb terminal',
      { ...atTerminal, accessible: true, ...set({ TERM: 'dumb' }) },
      'lines',
    ],
    ['the list with --accessible and --no-input', { ...atTerminal, accessible: true, input: false }, 'list'],
    ['lines for ACCESSIBLE', { ...atTerminal, ...set({ ACCESSIBLE: '1' }) }, 'lines'],
    ['a screen for an empty ACCESSIBLE', { ...atTerminal, ...set({ ACCESSIBLE: '' }) }, 'screen'],
    ['lines for ACCESSIBLE on a dumb terminal', { ...atTerminal, ...set({ ACCESSIBLE: '1', TERM: 'dumb' }) }, 'lines'],
    ['lines for INK_SCREEN_READER', { ...atTerminal, ...set({ INK_SCREEN_READER: 'true' }) }, 'lines'],
    ['the list for ACCESSIBLE in a pipe', { ...inPipe, ...set({ ACCESSIBLE: '1' }) }, 'list'],
    ['the list for ACCESSIBLE in CI', { ...atTerminal, ...set({ ACCESSIBLE: '1', CI: '1' }) }, 'list'],
  ])('%s', (_, surroundings, surface) => {
    expect(surfaceIn(surroundings)).toBe(surface);
  });
});
