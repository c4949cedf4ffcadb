import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomText } from '../../src/core/clock.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewUndelete,
} from '../../src/core/operations/review/review-data.ts';
import { reviewChange } from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { storeForLater } from '../../src/core/operations/start-operation.ts';
import { holderOf } from '../../src/core/records/lock.ts';
import { observeStack, servingRelease } from '../../src/core/swarm/observe-stack.ts';
import { playSession, rowsIn } from '../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';
import { done, stack } from './killed-operations.ts';

/** Anna looks at a plan and thinks about it; Ben is quicker. */
describe('what was reviewed before somebody else changed the study', () => {
  let lab: SandboxLab;
  beforeEach(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
    await done(lab, reviewTrust(lab));
    playSession(lab, 'trust', { participants: 6 });
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  const setVariable = (name: string) =>
    reviewChange(
      { ...trust, verb: 'variable', change: (state) => ({ ...state, variables: { ...state.variables, [name]: 'x' } }) },
      lab.server,
    );
  const variables = async () => servingRelease(await observeStack(stack, lab.server))?.state.variables;
  const store = (review: Review) =>
    storeForLater(
      review,
      { via: 'ssh', sshUser: 'ben', host: 'laptop' },
      { swarm: lab.server.swarm, clock: lab.clock, random: randomText },
    );
  /** Refused, with the lock free for the next. */
  async function expectChanged(starting: Promise<unknown>, now = 'Nothing was changed.'): Promise<void> {
    await expect(starting).rejects.toMatchObject({ code: 'plan-changed', now });
    const { lock } = await observeStack(stack, lab.server);
    expect(lock && holderOf(lock)).toBeUndefined();
  }

  it('is not purged: it was brought back', async () => {
    const now = new Date(lab.sandbox.timeline.now());
    await done(lab, reviewDelete({ ...trust, now }, lab.server));
    const purge = await reviewPurge(trust, lab.server);
    await done(lab, reviewUndelete(trust, lab.server));
    const rows = rowsIn(lab, 'trust');
    await expectChanged(lab.run(purge), 'Nothing was changed; v1 is what runs.');
    expect(rowsIn(lab, 'trust')).toBe(rows);
  });

  it('keeps the settings that came in between, also those that wait', async () => {
    const anna = await setVariable('ANNA');
    await done(lab, setVariable('BEN'));
    await expectChanged(lab.run(anna), 'Nothing was changed; v2 is what runs.');
    expect(await variables()).toEqual({ BEN: 'x' });

    const [waiting, running] = [await setVariable('LATER'), await setVariable('NOW')];
    expect(await store(waiting)).toBe(3);
    await expectChanged(lab.run(running), 'Nothing was changed; v2 is what runs.');
    await expectChanged(store(running), 'Nothing was changed; v2 is what runs.');
    await done(lab, setVariable('NOW'));
    expect(await variables()).toEqual({ BEN: 'x', LATER: 'x', NOW: 'x' });
  });

  it('is neither emptied nor restarted: it was stopped', async () => {
    const reviews = [await reviewReset(trust, lab.server), await reviewRestart(trust, lab.server)];
    const rows = rowsIn(lab, 'trust');
    await done(lab, reviewStop(trust, lab.server));
    for (const review of reviews) await expectChanged(lab.run(review));
    expect(rowsIn(lab, 'trust')).toBe(rows);
  });

  it('is changed as reviewed when all that came in between was a backup', async () => {
    const anna = await setVariable('ANNA');
    await done(lab, reviewBackup(trust, lab.server));
    await done(lab, Promise.resolve(anna));
    expect(await variables()).toEqual({ ANNA: 'x' });
  });
});
