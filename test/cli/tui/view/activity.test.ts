import { expect, it } from 'vitest';
import { anActivity, aRunning } from '../support/activities.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aTuiState } from '../support/states.ts';

const activity = [
  aRunning({ operation: 'op1', stack: 'trust-game', startedAt: '2026-11-20T14:01:41.000Z' }),
  anActivity({
    operation: 'op2',
    stack: 'market-entry',
    verb: 'reset',
    state: 'failed',
    error: { code: 'disk-full', what: 'backing up market-entry', why: 'The disk of the server is full.' },
  }),
];
const at = (columns: number, rows: number) =>
  shownLines(pressed(aTuiState({ activity, size: { columns, rows } }), ':', ...'activity', 'Enter'));

it('shows who did what, and what came of it, on 80x24', () => {
  const lines = at(80, 24);

  expect(lines.slice(3, 6)).toEqual([
    '   Experiment            What      Outcome             Begun↓ By',
    '❯  trust-game            deploy    ↻ Running            29 s  ada@laptop',
    '   market-entry          reset     ✖ Failed           62 min  ada@laptop',
  ]);
  expect(lines.at(-3)).toBe(' 2 operations · 1 running');
});

it('leaves out who did it on 60x15', () => {
  const lines = at(60, 15);

  expect(lines[1]).toBe('   Experiment          What      Outcome             Begun↓');
  expect(lines.join('\n')).not.toContain('ada@laptop');
});

it('tells more of the one under the cursor on 120x40', () => {
  const text = at(120, 40).join('\n');

  expect(text).toContain('│ trust-game  deploy');
  expect(text).toContain('op1');
});

it('says that nothing was done yet', () => {
  const lines = shownLines(pressed(aTuiState({ activity: [] }), ':', ...'activity', 'Enter'));

  expect(lines.join('\n')).toContain('Nothing was done here yet.');
});

it('says what it asks for while nothing is known, and why nothing comes', () => {
  const before = { activity: [], asOf: undefined, studies: undefined };
  const connecting = aTuiState({ ...before, link: { kind: 'connecting', since: 0 } });
  const error = { code: 'host-refused', what: 'connecting', why: 'Nothing listens there.' } as const;
  const offline = aTuiState({ ...before, link: { kind: 'offline', since: 0, error, nextTryAt: 0 } });
  const open = (state: typeof offline) => shownLines(pressed(state, ':', ...'activity', 'Enter')).join('\n');

  expect(open(connecting)).toContain('Asking lab for what was done here…');
  expect(open(offline)).toContain('Nothing listens there.');
});
