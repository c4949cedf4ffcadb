import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/core/domain/operation-event.ts';
import { addEvent, noProgress, type Progress } from '../../../src/core/operations/progress.ts';
import { peopleTold } from '../../support/builders.ts';

type Said = OperationEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at' | 'operation'>
    : never
  : never;

const at = (second: number) => `2026-11-20T14:00:${String(second).padStart(2, '0')}.000Z`;
/** One event a second, from 14:00:00 on. */
function progressOf(...events: readonly Said[]): Progress {
  return events.reduce<Progress>(
    (progress, event, index) => addEvent(progress, { ...event, at: at(index), operation: 'op1' } as OperationEvent),
    noProgress,
  );
}
const statesOf = ({ steps }: Progress) => steps.map(({ step, state }) => `${step}: ${state}`);
const begun = { kind: 'operation-started', verb: 'deploy', stack: 'my-exp' } as const;
const step = (id: 'guard' | 'update-web' | 'undo') => ({ kind: 'step-started', step: id }) as const;
const failed = { kind: 'operation-failed', error: { code: 'image-crashed', what: 'starting v4' } } as const;

describe('the progress of an operation', () => {
  it('has its steps in their order, each with its times', () => {
    const { startedAt, steps } = progressOf(
      begun,
      step('guard'),
      { kind: 'step-finished', step: 'guard', outcome: 'unchanged' },
      step('update-web'),
    );

    expect(startedAt).toBe(at(0));
    expect(steps).toMatchObject([
      { step: 'guard', state: 'unchanged', startedAt: at(1), endedAt: at(2) },
      { step: 'update-web', state: 'running', startedAt: at(3), endedAt: undefined },
    ]);
  });

  it('knows what is to come, without what has nothing to do', () => {
    const expected = { ...begun, steps: ['guard', 'keep-page-times', 'update-web', 'prove', 'tidy'] } as const;
    const done = { kind: 'step-finished', step: 'guard', outcome: 'changed' } as const;
    const skipped = { kind: 'step-finished', step: 'keep-page-times', outcome: 'unchanged' } as const;

    expect(progressOf(expected).toCome).toEqual(expected.steps);
    expect(progressOf(expected, step('guard')).toCome[0]).toBe('keep-page-times');
    expect(progressOf(expected, step('guard'), done, skipped).toCome).toEqual(['update-web', 'prove', 'tidy']);
    expect(progressOf(expected, step('guard'), done, skipped, step('undo')).toCome).toEqual([]);
    expect(progressOf(expected, step('guard'), failed).toCome).toEqual([]);
  });

  it('says what a step waits for, until it is done', () => {
    const waiting = [begun, step('update-web'), { kind: 'waiting', step: 'update-web', on: 'oTree' }] as const;

    expect(progressOf(...waiting).steps[0]?.waitingOn).toBe('oTree');
    const done = progressOf(...waiting, { kind: 'step-finished', step: 'update-web', outcome: 'changed' });
    expect(done.steps[0]).toMatchObject({ state: 'done', waitingOn: undefined });
  });

  it('leaves a step as it is when the next one has nothing to do', () => {
    const { steps } = progressOf(
      begun,
      step('guard'),
      { kind: 'step-finished', step: 'guard', outcome: 'changed' },
      { kind: 'step-finished', step: 'keep-page-times', outcome: 'unchanged' },
      step('update-web'),
    );

    expect(steps).toMatchObject([{ step: 'guard', state: 'done', endedAt: at(2) }, { step: 'update-web' }]);
  });

  it('keeps what was said beside the step that said it, and notices apart', () => {
    const { steps, notices } = progressOf(
      begun,
      step('guard'),
      { kind: 'guarded', people: peopleTold('Nobody is in a session.') },
      { kind: 'notice', notice: { code: 'closed-page-missing' } },
      step('update-web'),
      { kind: 'release-recorded', release: 4 },
    );

    expect(steps.map(({ said }) => said.map(({ kind }) => kind))).toEqual([['guarded'], ['release-recorded']]);
    expect(notices).toEqual([{ code: 'closed-page-missing' }]);
  });

  it('ends the step that a failure cut off, and what it waited for stays readable', () => {
    const progress = progressOf(
      begun,
      step('update-web'),
      { kind: 'waiting', step: 'update-web', on: 'oTree' },
      failed,
    );

    expect(progress.steps).toMatchObject([{ state: 'failed', endedAt: at(3), waitingOn: 'oTree' }]);
    expect(progress.end).toMatchObject({ kind: 'failed', at: at(3) });
  });

  it('counts a step as failed once its undoing begins, and as done when another goes on', () => {
    expect(statesOf(progressOf(begun, step('update-web'), step('undo')))).toEqual([
      'update-web: failed',
      'undo: running',
    ]);
    expect(statesOf(progressOf(begun, step('guard'), step('update-web')))).toEqual([
      'guard: done',
      'update-web: running',
    ]);
  });

  it('has nothing running after its end', () => {
    const result = { stack: 'my-exp', state: 'running', release: 4 } as const;
    const progress = progressOf(begun, step('guard'), { kind: 'operation-finished', result });

    expect(statesOf(progress)).toEqual(['guard: done']);
    expect(progress.end).toEqual({ kind: 'finished', at: at(2), result });
  });

  it('is a new one each time: the one before is left as it was', () => {
    const before = progressOf(begun, step('guard'));
    const copy = structuredClone(before);
    addEvent(before, { ...failed, at: at(9), operation: 'op1' });

    expect(before).toEqual(copy);
  });

  it('takes what is said before the first step as said by nobody', () => {
    expect(progressOf(begun, { kind: 'release-recorded', release: 4 }).steps).toEqual([]);
  });
});
