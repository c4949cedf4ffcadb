import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomText } from '../../src/core/clock.ts';
import { parseHostName } from '../../src/core/domain/host-name.ts';
import type { GuardPolicy } from '../../src/core/domain/operation-request.ts';
import { bookSlot } from '../../src/core/operations/bookings.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewUndelete,
} from '../../src/core/operations/review/review-data.ts';
import { reviewAddress } from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { resumeOperation, startOperation } from '../../src/core/operations/start-operation.ts';
import { label } from '../../src/core/swarm/labels.ts';
import { isStopped, observeStack } from '../../src/core/swarm/observe-stack.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { clusterOf, playSession, rowsIn } from '../support/sandbox-data.ts';
import { openLabOn, openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';
import { done, stack } from './killed-operations.ts';

const minuteMs = 60_000;

/** Anna's computer is closed before the end of what she asked for; somebody comes when other people are there. */
describe('an operation that is gone on with later', () => {
  let lab: SandboxLab;
  let anna: SandboxLab;
  beforeEach(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
    await done(lab, reviewTrust(lab));
    playSession(lab, 'trust', { participants: 30 });
    anna = await openLabOn(lab.sandbox);
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  const actor = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
  const needs = () => ({ swarm: lab.server.swarm, clock: lab.clock, random: randomText });
  const accept = (review: Review, guard: Partial<GuardPolicy> = {}) =>
    startOperation(review, { actor, guard: { ignoreOpenPages: false, ...guard } }, needs());
  async function book(): Promise<void> {
    const now = lab.sandbox.timeline.now();
    await bookSlot(
      { stack, from: new Date(now + 15 * minuteMs), until: new Date(now + 180 * minuteMs) },
      actor,
      needs(),
    );
  }
  function seatEverybody(): void {
    const seconds = Math.floor(lab.sandbox.timeline.now() / 1000);
    const { rows } = clusterOf(lab, 'trust').find('otree').table('otree_participant');
    for (const row of rows) Object.assign(row, { visited: true, _index_in_pages: 1, _last_request_timestamp: seconds });
  }
  const web = async () => (await observeStack(stack, lab.server)).web;
  async function goOn(operation: string) {
    expect(await resumeOperation({ stack, operation }, lab.server)).toBe(true);
    return (await lab.runAccepted(operation)).at(-1);
  }

  it('leaves a lab session alone that was booked meanwhile', async () => {
    const id = await accept(await reviewRestart(trust, lab.server), { interrupt: 'pilot only' });
    await book();
    await pass(lab.sandbox.timeline, 16 * minuteMs);
    seatEverybody();
    expect((await reviewBackup(trust, lab.server)).interrupted?.operation).toBe(id);
    const before = await web();
    expect(await goOn(id)).toMatchObject({ error: { code: 'slot-booked', now: 'Nothing was changed.' } });
    expect((await web())?.Spec.TaskTemplate).toEqual(before?.Spec.TaskTemplate);
  });

  it('does not move a booked study to another address', async () => {
    const host = parseHostName('elsewhere.lab.test');
    const id = await accept(await reviewAddress({ ...trust, host }, lab.server));
    await book();
    await pass(lab.sandbox.timeline, 16 * minuteMs);
    expect(await goOn(id)).toMatchObject({ error: { code: 'slot-booked', now: 'Nothing was changed.' } });
    expect((await web())?.Spec.Labels[label.host]).toBe('trust.lab.test');
  });

  it.each([{ interrupt: 'pilot only' }, { ignoreOpenPages: true }])(
    'does not disturb others than those whom %o was for',
    async (guard) => {
      const id = await accept(await reviewRestart(trust, lab.server), guard);
      await pass(lab.sandbox.timeline, 16 * minuteMs);
      seatEverybody();
      const before = await web();
      expect(await goOn(id)).toMatchObject({
        error: { code: 'participants-present', why: expect.stringContaining('An exception counts for 10 minutes') },
      });
      expect((await web())?.Spec.TaskTemplate).toEqual(before?.Spec.TaskTemplate);
    },
  );

  it('is finished where people have noticed it already, booked or not', async () => {
    const id = await accept(await reviewStop(trust, lab.server));
    await book();
    lab.sandbox.engine.faults = () => {
      const service = [...lab.sandbox.model.store.services.values()].find(({ Spec }) => Spec.Name === 'trust_web');
      if (service?.Spec.Mode.Replicated?.Replicas !== 0) return undefined;
      anna.kill();
      return { kind: 'reset-before' };
    };
    await anna.runAccepted(id).catch(() => undefined);
    lab.sandbox.engine.faults = () => undefined;
    await pass(lab.sandbox.timeline, 16 * minuteMs);
    expect(isStopped(await observeStack(stack, lab.server))).toBe(true);
    expect(await goOn(id)).toMatchObject({ result: { state: 'stopped' } });
  });

  it('interrupts whom it was asked to interrupt while that is fresh', async () => {
    seatEverybody();
    const id = await accept(await reviewRestart(trust, lab.server), { interrupt: 'pilot only' });
    const events = await lab.runAccepted(id);
    expect(events).toContainEqual(
      expect.objectContaining({ notice: expect.objectContaining({ code: 'people-interrupted' }) }),
    );
    expect(events.at(-1)).toMatchObject({ result: { state: 'running' } });
  });

  it('removes no study for good that somebody wants back by then', async () => {
    await done(lab, reviewDelete({ ...trust, now: lab.clock.now() }, lab.server));
    const id = await accept(await reviewPurge(trust, lab.server));
    await pass(lab.sandbox.timeline, 11 * minuteMs);
    expect(await goOn(id)).toMatchObject({
      error: { code: 'runner-lost', now: 'The data of trust is whole, and still kept.' },
    });
    await done(lab, reviewUndelete(trust, lab.server));
    expect(rowsIn(lab, 'trust')).toBeGreaterThan(30);
  });
});
