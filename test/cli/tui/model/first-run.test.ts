import { describe, expect, it } from 'vitest';
import { nextOfTour } from '../../../../src/cli/tui/model/first-run.ts';
import type { Activity } from '../../../../src/core/index.ts';
import { aRunning } from '../support/activities.ts';
import { shownLines } from '../support/press.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';
import { type Walk, walkFrom } from '../support/walk.ts';

const onSandbox = walkFrom(aTuiState({ server: 'sandbox', studies: [aStudy()] }));
const compared = (walk: Walk, ...activity: readonly Activity[]) =>
  walk.hear({ kind: 'compared', studies: [aStudy()], activity, at: someNow });
const at = (ms: number) => new Date(someNow + ms).toISOString();
const did = (verb: string, more: Partial<Activity> = {}): Activity => ({
  ...aRunning(),
  ...{ verb, startedAt: at(1_000), endedAt: at(9_000), state: 'succeeded' },
  ...more,
});

describe('the tour of the sandbox', () => {
  it('names one thing to try, and the next once that was done', () => {
    const begun = compared(onSandbox);
    expect(shownLines(begun.state).join('\n')).toContain('Sandbox, try 1/5: d on trust-game');
    const running = compared(begun, did('deploy', { endedAt: undefined, state: 'running' }));
    expect(shownLines(running.state).join('\n')).toContain('Sandbox, try 2/5: w on trust-game');
    expect(nextOfTour(compared(running, did('deploy')).state)).toBe('rollback');
  });

  it('is over when all of it was done, in whatever order', () => {
    const all = ['undo', 'reset', 'rollback', 'deploy'].map((verb) => did(verb));
    expect(nextOfTour(compared(compared(onSandbox), ...all).state)).toBeUndefined();
  });

  it('counts nothing that was done before the first visit', () => {
    const before = compared(onSandbox, did('deploy', { startedAt: at(-1_000) }));
    expect(nextOfTour(before.state)).toBe('deploy');
  });

  it('forgets nothing that the server does not list any more', () => {
    const done = compared(compared(compared(onSandbox), did('deploy')));
    expect(nextOfTour(done.state)).toBe('rollback');
  });

  it('is hidden by a key, which shows it again', () => {
    const hidden = compared(onSandbox).press('H');
    expect(shownLines(hidden.state).join('\n')).not.toContain('try 1/5');
    expect(shownLines(hidden.press('H').state).join('\n')).toContain('try 1/5');
  });

  it('is for the sandbox alone', () => {
    const lab = compared(walkFrom(aTuiState({ server: 'lab' })));
    expect(shownLines(lab.state).join('\n')).not.toContain('try 1/5');
    expect(lab.state.firstRun.tour.since).toBeUndefined();
  });
});
