import { expect, it } from 'vitest';
import { runHere } from '../../src/cli/sandbox/in-process.ts';
import { randomText } from '../../src/core/clock.ts';
import { namesOf } from '../../src/core/domain/stack-name.ts';
import type { Server } from '../../src/core/open-server.ts';
import { reviewStart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { resumeOperation, startOperation } from '../../src/core/operations/start-operation.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { openLabOn, openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';
import { stack } from './killed-operations.ts';

it('a runner that wakes ten minutes after it was replaced leaves the study to those who are at work since', async () => {
  const lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  const actor = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
  const needs = { swarm: lab.server.swarm, clock: lab.clock, random: randomText };
  const id = await startOperation(await reviewStop(trust, lab.server), { actor }, needs);
  const sleeper = fallsAsleep(await openLabOn(lab.sandbox));
  const ending = runHere(id, { ...sleeper, runner: 'laptop:1' });
  await sleeper.asleep;

  await pass(lab.sandbox.timeline, 65_000);
  expect(await resumeOperation({ stack, operation: id }, lab.server)).toBe(true);
  expect((await lab.runAccepted(id)).at(-1)).toMatchObject({ result: { state: 'stopped' } });
  expect((await lab.run(await reviewStart(trust, lab.server))).at(-1)).toMatchObject({ result: { state: 'running' } });
  await pass(lab.sandbox.timeline, 600_000);
  const { web } = await observeStack(stack, lab.server);

  sleeper.wake();
  await ending;
  expect((await observeStack(stack, lab.server)).web).toEqual(web);
});

/** SIGSTOP right before it writes web: until it is woken nothing of this process moves, its heartbeat neither. */
function fallsAsleep({ server, clock, signal }: SandboxLab) {
  const [falling, waking] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let sleep: Promise<void> | undefined;
  const swarm = new Proxy(server.swarm, {
    get(target, name) {
      const call = Reflect.get(target, name);
      if (typeof call !== 'function' || String(name).endsWith('Log')) return call;
      return async (...words: unknown[]) => {
        const [service] = words as Parameters<typeof target.updateService>;
        if (name === 'updateService' && service.Spec.Name === namesOf(stack).web) {
          sleep ??= waking.promise;
          falling.resolve();
        }
        await sleep;
        const answer = await call(...words);
        await sleep;
        return answer;
      };
    },
  });
  const sleepy = {
    now: clock.now,
    async sleep(ms: number, until: AbortSignal) {
      await sleep;
      await clock.sleep(ms, until);
      await sleep;
    },
  };
  const asleep: Server = { ...server, swarm };
  return { server: asleep, clock: sleepy, signal, asleep: falling.promise, wake: () => waking.resolve() };
}
