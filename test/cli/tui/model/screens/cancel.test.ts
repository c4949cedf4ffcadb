import { describe, expect, it } from 'vitest';
import { askedToStop } from '../../../../../src/cli/tui/model/screens/cancel.ts';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import type { ErrorFacts, OperationEvent } from '../../../../../src/core/index.ts';
import { anActivity, aRunning } from '../../support/activities.ts';
import { aStudy, aTuiState, someNow } from '../../support/states.ts';
import { textOf } from '../../support/text-of.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';

const study = aStudy();
const running = aRunning({ operation: 'op7f3', verb: 'restart', by: 'anna@lab', before: 3 });
const activity = () => walkFrom(aTuiState({ studies: [study], activity: [running] })).press('3');
const shown = ({ state }: Walk) => textOf(state).join('\n');
const error: ErrorFacts = { code: 'operation-cancelled', what: 'running `restart`', why: 'Somebody cancelled it.' };
const compared = (...all: readonly (typeof running)[]) =>
  ({ kind: 'compared', studies: [study], activity: all, at: someNow }) as const;
const cancelled = anActivity({
  operation: 'op7f3',
  verb: 'restart',
  state: 'failed',
  error,
  cancelledBy: 'ben@office',
});

function ended(watching: Walk): Walk {
  const { serial } = topScreen(watching.state);
  const event = { kind: 'operation-failed', operation: 'op7f3', at: '2026-11-20T14:02:11Z', error } as OperationEvent;
  return watching.hear({ kind: 'event', serial, event });
}

describe('cancelling', () => {
  it('asks whose operation is to stop, and says what stays', () => {
    const asked = activity().press('x');

    expect(effectsOf(asked, 'cancel')).toEqual([]);
    expect(shown(asked)).toContain('Cancel the restart of trust-game by anna@lab?');
    expect(shown(asked)).toContain('v3 keeps serving');
    expect(shown(asked)).toContain('Same as:  oforest cancel op7f3');
    expect(effectsOf(asked.press('Enter'), 'cancel')).toEqual([{ kind: 'cancel', operation: 'op7f3' }]);
  });

  it.each([['Esc'], ['Ctrl-C'], ['Left']])('is left by %s, and the operation goes on', (key) => {
    const left = activity().press('x', key);

    expect(effectsOf(left, 'cancel')).toEqual([]);
    expect(topScreen(left.state).name).toBe('activity');
  });

  it('asks nothing about what has ended meanwhile', () => {
    const late = activity().press('x').hear(compared(cancelled));

    expect(shown(late)).toContain('has ended meanwhile');
    expect(effectsOf(late.press('Enter'), 'cancel')).toEqual([]);
  });

  it('is no failure: neither where it is watched nor in the list', () => {
    const end = ended(activity().press('Enter'));

    expect(shown(end)).toContain('Restart oTree: cancelled');
    expect(shown(end)).not.toMatch(/failed/i);
    const known = end.hear(compared(cancelled));
    expect(shown(known)).toContain('Cancelled by ben@office.');
    expect(shown(known.press('Esc'))).toMatch(/restart +○ Cancelled/);
  });

  it('takes back what it said once the operation has ended', () => {
    const said = { kind: 'said', text: askedToStop } as const;

    expect(shown(activity().press('Enter').hear(said))).toContain(askedToStop);
    expect(shown(ended(activity().press('Enter').hear(said)))).not.toContain(askedToStop);
    expect(shown(activity().hear(said, compared(running)))).toContain(askedToStop);
    expect(shown(activity().hear(said, compared(cancelled)))).not.toContain(askedToStop);
  });
});
