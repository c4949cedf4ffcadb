import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import type { StepEvent } from '../../../../src/core/domain/operation-event.ts';
import { parseStackName } from '../../../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import { applyPlatform, planPlatform } from '../../../../src/core/operations/platform/prepare-platform.ts';
import { hideClosedStep, showClosedStep } from '../../../../src/core/operations/steps/closed-page-steps.ts';
import { runSteps, type Step } from '../../../../src/core/operations/steps/step.ts';
import { closedRoutesOf } from '../../../../src/core/swarm/traefik-labels.ts';
import { platformSwarm, stillClock } from '../../../support/platform-swarm.ts';

const { signal } = new AbortController();
const registry = {
  resolve: async (reference: object) => ({
    reference: { ...reference, digest: `sha256:${'a'.repeat(64)}` } as never,
    platforms: [],
  }),
};

async function lab() {
  const swarm = platformSwarm();
  const clock = stillClock();
  const plan = await planPlatform(
    { domain: parseHostName('lab.test'), tls: { mode: 'none' } },
    { swarm, registry, clock, signal },
  );
  for await (const _event of applyPlatform(plan, { swarm, clock, signal }));
  const stepsOf = (name: string) => ({ stack: parseStackName(name), swarm, clock, signal });
  const show = (stack: string, host = `${stack}.lab.test`) => run(showClosedStep(stepsOf(stack), host));
  const hide = (stack: string) => run(hideClosedStep(stepsOf(stack)));
  const shown = () => closedRoutesOf(swarm.services[1]?.Spec.Labels ?? {}).map(({ stack, host }) => `${stack} ${host}`);
  return { swarm, show, hide, shown };
}

async function run(step: Step): Promise<StepEvent[]> {
  const events: StepEvent[] = [];
  for await (const event of runSteps([step], { finished: new Set(), confirm: async () => {} })) events.push(event);
  return events;
}

const outcomeOf = (events: readonly StepEvent[]) => {
  const last = events.at(-1);
  return last?.kind === 'step-finished' ? last.outcome : undefined;
};

describe('the addresses of closed studies', () => {
  it('are shown and taken away one by one, and a second time changes nothing', async () => {
    const { swarm, show, hide, shown } = await lab();

    expect(outcomeOf(await show('auction'))).toBe('changed');
    expect(outcomeOf(await show('trust'))).toBe('changed');
    expect(shown()).toEqual(['auction auction.lab.test', 'trust trust.lab.test']);
    const writes = swarm.writes.length;
    expect(outcomeOf(await show('trust'))).toBe('unchanged');
    expect(swarm.writes).toHaveLength(writes);

    expect(outcomeOf(await hide('auction'))).toBe('changed');
    expect(outcomeOf(await hide('auction'))).toBe('unchanged');
    expect(shown()).toEqual(['trust trust.lab.test']);
    await hide('trust');
    expect(Object.keys(swarm.services[1]?.Spec.Labels ?? {}).filter((key) => key.startsWith('traefik.'))).toEqual([]);
  });

  it('follow a study to another host', async () => {
    const { show, shown } = await lab();
    await show('auction');

    expect(outcomeOf(await show('auction', 'games.uni.test'))).toBe('changed');
    expect(shown()).toEqual(['auction games.uni.test']);
  });

  it('leave the task of the page alone', async () => {
    const { swarm, show } = await lab();
    const before = structuredClone(swarm.tasks);
    await show('auction');
    await swarm.listTasks({ label: 'com.docker.stack.namespace' });

    expect(swarm.tasks).toEqual(before);
  });

  it('are all there after many operations wrote at the same moment', async () => {
    const { show, shown } = await lab();
    const stacks = Array.from({ length: 12 }, (_, at) => `exp-${String.fromCharCode(97 + at)}`);

    await Promise.all(stacks.map((stack) => show(stack)));
    expect(shown()).toEqual(stacks.map((stack) => `${stack} ${stack}.lab.test`));
  });

  it('are given up when others always win, with the reason', async () => {
    const { swarm, show } = await lab();
    swarm.updateService = () => Promise.reject(new ExpectedError('version-conflict', 'updating a service'));

    await expect(show('auction')).rejects.toMatchObject({ code: 'version-conflict' });
  });

  it('cost a notice and no more where the platform has no such page', async () => {
    const { swarm, show, hide } = await lab();
    swarm.services.splice(1, 1);

    expect(await show('auction')).toContainEqual({ kind: 'notice', notice: { code: 'closed-page-missing' } });
    expect(outcomeOf(await hide('auction'))).toBe('unchanged');
  });
});
