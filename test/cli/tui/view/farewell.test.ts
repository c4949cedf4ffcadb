import { describe, expect, it } from 'vitest';
import { watchStarted } from '../../../../src/cli/tui/model/screens/progress.ts';
import { beginWait } from '../../../../src/cli/tui/model/waits.ts';
import { farewell } from '../../../../src/cli/tui/view/farewell.ts';
import type { Activity } from '../../../../src/core/index.ts';
import { aReview } from '../support/reviews.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';

const running: Activity = {
  ...{ operation: 'op-7f3', stack: 'trust-game', verb: 'deploy', by: 'ada@laptop' },
  ...{ startedAt: '2026-11-20T14:00:00Z', endedAt: undefined, step: undefined },
  ...{ place: undefined, before: undefined, release: undefined, backup: undefined },
  state: 'running',
  ...{ error: undefined, cancelledBy: undefined, asked: {} },
};

describe('what is said after leaving', () => {
  it('names what goes on, how to see it again and how to stop it', () => {
    expect(farewell(aTuiState({ activity: [running] }), 'oforest')).toEqual([
      'The deployment of trust-game goes on without this window.',
      '  Watch it again:   oforest watch op-7f3',
      '  Stop it:          oforest cancel op-7f3',
    ]);
  });

  it('names the server, where a bare command would go to another', () => {
    const away = aTuiState({ activity: [running], server: 'sandbox' });

    expect(farewell(away, 'oforest').slice(1)).toEqual([
      '  Watch it again:   oforest --server sandbox watch op-7f3',
      '  Stop it:          oforest --server sandbox cancel op-7f3',
    ]);
    expect(farewell({ ...away, usualServer: 'sandbox' }, 'npm start --')).toContain(
      '  Stop it:          npm start -- cancel op-7f3',
    );
  });

  it('names what was started a moment ago', () => {
    const { operation, stack, verb } = running;
    const { state } = watchStarted(aTuiState(), { operation, stack, verb, where: 'here' });

    expect(farewell(state, 'oforest')).toContain('  Watch it again:   oforest watch op-7f3');
    expect(farewell({ ...state, activity: [running] }, 'oforest')).toHaveLength(3);
  });

  it('says that nothing waits any more for people to leave', () => {
    const asked = { verb: 'deploy', study: aStudy(), image: 'registry.test/lab/trust-game:v4' } as const;
    const waits = [beginWait({ id: 2, asked, review: aReview(asked) }, { now: someNow })];

    expect(farewell(aTuiState({ waits }), 'npx oforest')).toEqual([
      'The deployment of trust-game was not begun: nobody waits any more until the people have left.',
      '  Wait for it:      npx oforest deploy trust-game --image registry.test/lab/trust-game:v4 --after-session',
    ]);
  });

  it('is nothing when all has ended', () => {
    const ended: Activity = { ...running, state: 'succeeded', endedAt: '2026-11-20T14:01:00Z' };

    expect(farewell(aTuiState({ activity: [ended, { ...running, state: 'stale' }] }), 'oforest')).toEqual([]);
  });
});
