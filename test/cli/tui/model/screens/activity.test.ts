import { expect, it } from 'vitest';
import { reduce } from '../../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { anActivity, aRunning } from '../../support/activities.ts';
import { pressed, shownLines } from '../../support/press.ts';
import { aTuiState } from '../../support/states.ts';

const opened = (more: Partial<TuiState>) => pressed(goneTo('Activity', more));

function goneTo(label: string, more: Partial<TuiState>): TuiState {
  return pressed(aTuiState(more), ':', ...label, 'Enter');
}

it('has the running ones on top, then the newest first', () => {
  const state = opened({
    activity: [
      anActivity({ operation: 'new', startedAt: '2026-11-20T13:00:00.000Z', stack: 'newest' }),
      aRunning({ operation: 'run', startedAt: '2026-11-20T12:00:00.000Z', stack: 'running' }),
      anActivity({ operation: 'old', startedAt: '2026-11-20T11:00:00.000Z', stack: 'oldest' }),
    ],
  });

  const stacks = shownLines(state).flatMap((line) => /newest|running {2}|oldest/.exec(line)?.[0].trim() ?? []);
  expect(stacks).toEqual(['running', 'newest', 'oldest']);
});

it('opens an operation as it would have been watched from its start', () => {
  const state = opened({ activity: [anActivity({ operation: 'op1', verb: 'reset' })] });

  const next = reduce(state, { kind: 'key', key: 'Enter' }, state.now);

  const top = topScreen(next.state);
  expect(top).toMatchObject({ name: 'progress', operation: 'op1', verb: 'reset', stack: 'trust-game' });
  expect(next.effects).toEqual([{ kind: 'follow', serial: top.serial, operation: 'op1' }]);
});

it('asks whether a running operation is to stop, and about none that has ended', () => {
  const asked = (state: TuiState) => topScreen(reduce(state, { kind: 'key', key: 'x' }, state.now).state);

  expect(asked(opened({ activity: [aRunning({ operation: 'op1' })] }))).toMatchObject({
    name: 'cancel',
    operation: 'op1',
  });
  expect(asked(opened({ activity: [anActivity()] })).name).toBe('activity');
  expect(asked(opened({ activity: [aRunning({ state: 'stale' })] })).name).toBe('activity');
});

it('finds what was done by study, verb, person and outcome', () => {
  const activity = [anActivity({ operation: 'a' }), anActivity({ operation: 'b', state: 'failed', verb: 'reset' })];

  const state = pressed(opened({ activity }), '/', ...'reset fail');

  expect(shownLines(state).join('\n')).toContain('1 shown');
});
