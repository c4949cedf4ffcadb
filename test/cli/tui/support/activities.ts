import type { Activity } from '../../../../src/core/index.ts';

/** What a test does not care about. Whatever matters in a test is given by the test. */
export function anActivity(more: Partial<Activity> = {}): Activity {
  return {
    operation: 'op00000001',
    stack: 'trust-game',
    verb: 'deploy',
    by: 'ada@laptop (SSH, not verified)',
    startedAt: '2026-11-20T13:00:00.000Z',
    state: 'succeeded',
    endedAt: '2026-11-20T13:00:48.000Z',
    ...{ step: undefined, place: undefined, before: undefined, release: undefined, backup: undefined },
    error: undefined,
    cancelledBy: undefined,
    asked: {},
    ...more,
  };
}

export function aRunning(more: Partial<Activity> = {}): Activity {
  return anActivity({ state: 'running', endedAt: undefined, step: 'dump', ...more });
}
