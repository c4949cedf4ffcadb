import { describe, expect, it } from 'vitest';
import type { StepEvent } from '../../../../src/core/domain/operation-event.ts';
import { runSteps, type Step } from '../../../../src/core/operations/steps/step.ts';

/** Steps that write down what is asked of them. */
function journal() {
  const done: string[] = [];
  const step = (id: Step['id'], { isDone = false, verify = async () => {} } = {}): Step => ({
    id,
    check: async () => isDone,
    async *do() {
      done.push(id);
      yield { kind: 'waiting', step: id, on: 'itself' };
    },
    verify,
  });
  return { done, step };
}

async function collect(
  steps: readonly Step[],
  confirm = async () => {},
  finished: readonly Step['id'][] = [],
): Promise<StepEvent[]> {
  const events: StepEvent[] = [];
  for await (const event of runSteps(steps, { finished: new Set(finished), confirm })) events.push(event);
  return events;
}

describe('steps', () => {
  it('run in order, and say when they begin and end', async () => {
    const { done, step } = journal();

    const events = await collect([step('create-network'), step('store-secrets')]);

    expect(done).toEqual(['create-network', 'store-secrets']);
    expect(events).toEqual([
      { kind: 'step-started', step: 'create-network' },
      { kind: 'waiting', step: 'create-network', on: 'itself' },
      { kind: 'step-finished', step: 'create-network', outcome: 'changed' },
      { kind: 'step-started', step: 'store-secrets' },
      { kind: 'waiting', step: 'store-secrets', on: 'itself' },
      { kind: 'step-finished', step: 'store-secrets', outcome: 'changed' },
    ]);
  });

  it('that are done already change nothing, so a second run goes on where the first one stopped', async () => {
    const { done, step } = journal();

    const events = await collect([step('create-network', { isDone: true }), step('update-web')]);

    expect(done).toEqual(['update-web']);
    expect(events[0]).toEqual({ kind: 'step-finished', step: 'create-network', outcome: 'unchanged' });
  });

  it('are done once where only the journal can tell that they were', async () => {
    const { done, step } = journal();
    const steps: Step[] = [
      { ...step('dump'), check: 'journal' },
      { ...step('swap-databases'), check: 'journal' },
    ];

    await collect(steps, async () => {}, ['dump']);
    expect(done).toEqual(['swap-databases']);
  });

  it('stop before the next one when the stack is no longer ours', async () => {
    const { done, step } = journal();
    const confirm = async () => {
      if (done.length === 1) throw new Error('the lock was taken over');
    };

    await expect(collect([step('create-network'), step('update-web')], confirm)).rejects.toThrow('taken over');
    expect(done).toEqual(['create-network']);
  });

  it('need no lock for looking', async () => {
    const { step } = journal();
    const confirm = async () => {
      throw new Error('the lock was taken over');
    };

    await expect(collect([step('create-network', { isDone: true })], confirm)).resolves.toHaveLength(1);
  });

  it('end with the first that did not lead to what it was for', async () => {
    const { done, step } = journal();
    const verify = async () => {
      throw new Error('there is no network');
    };

    await expect(collect([step('create-network', { verify }), step('update-web')])).rejects.toThrow('no network');
    expect(done).toEqual(['create-network']);
  });
});
