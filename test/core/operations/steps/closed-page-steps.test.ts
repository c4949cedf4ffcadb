import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import type { StepEvent } from '../../../../src/core/domain/operation-event.ts';
import { parseStackName } from '../../../../src/core/domain/stack-name.ts';
import { hideClosedStep, showClosedStep } from '../../../../src/core/operations/steps/closed-page-steps.ts';
import { runSteps, type Step } from '../../../../src/core/operations/steps/step.ts';
import type { SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { closedRoutesOf } from '../../../../src/core/swarm/traefik-labels.ts';
import { openPlatformLab } from '../../../support/platform-lab.ts';

async function openLab() {
  const lab = await openPlatformLab();
  await lab.prepareWith({ domain: parseHostName('lab.test'), tls: { mode: 'none' } });
  const { clock, signal } = lab;
  const show = (stack: string, { host = `${stack}.lab.test`, swarm = lab.swarm } = {}) =>
    run(showClosedStep({ stack: parseStackName(stack), swarm, clock, signal }, host));
  const hide = (stack: string) =>
    run(hideClosedStep({ stack: parseStackName(stack), swarm: lab.swarm, clock, signal }));
  const labels = () => lab.service('oforest_closed')?.Spec.Labels ?? {};
  const shown = () => closedRoutesOf(labels()).map(({ stack, host }) => `${stack} ${host}`);
  return { ...lab, show, hide, labels, shown };
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
    await using lab = await openLab();
    const { show, hide, shown, writes } = lab;

    expect(outcomeOf(await show('auction'))).toBe('changed');
    expect(outcomeOf(await show('trust'))).toBe('changed');
    expect(shown()).toEqual(['auction auction.lab.test', 'trust trust.lab.test']);
    const before = writes();
    expect(outcomeOf(await show('trust'))).toBe('unchanged');
    expect(writes()).toBe(before);

    expect(outcomeOf(await hide('auction'))).toBe('changed');
    expect(outcomeOf(await hide('auction'))).toBe('unchanged');
    expect(shown()).toEqual(['trust trust.lab.test']);
    await hide('trust');
    expect(Object.keys(lab.labels()).filter((key) => key.startsWith('traefik.'))).toEqual([]);
  });

  it('follow a study to another host', async () => {
    await using lab = await openLab();
    const { show, shown } = lab;
    await show('auction');

    expect(outcomeOf(await show('auction', { host: 'games.uni.test' }))).toBe('changed');
    expect(shown()).toEqual(['auction games.uni.test']);
  });

  it('leave the task of the page alone', async () => {
    await using lab = await openLab();
    const { clock, signal } = lab;
    const tasks = () => structuredClone([...lab.sandbox.model.store.tasks.values()]);
    const before = tasks();
    await lab.show('auction');
    await clock.sleep(10_000, signal);

    expect(lab.shown()).toHaveLength(1);
    expect(tasks()).toEqual(before);
  });

  it('are all there after many operations wrote at the same moment', async () => {
    await using lab = await openLab();
    const { show, shown } = lab;
    const stacks = Array.from({ length: 12 }, (_, at) => `exp-${String.fromCharCode(97 + at)}`);

    await Promise.all(stacks.map((stack) => show(stack)));
    expect(shown()).toEqual(stacks.map((stack) => `${stack} ${stack}.lab.test`));
  });

  it('are given up when others always win, with the reason', async () => {
    await using lab = await openLab();
    let theirs = 0;
    const swarm: SwarmGateway = {
      ...lab.swarm,
      async updateService(service, spec, options) {
        theirs += 1;
        const { Labels } = service.Spec;
        await lab.swarm.updateService(service, { ...service.Spec, Labels: { ...Labels, theirs: `${theirs}` } });
        await lab.swarm.updateService(service, spec, options);
      },
    };

    await expect(lab.show('auction', { swarm })).rejects.toMatchObject({ code: 'version-conflict' });
    expect(lab.labels()).toMatchObject({ theirs: `${theirs}` });
    expect(lab.shown()).toEqual([]);
  });

  it('cost a notice and no more where the platform has no such page', async () => {
    await using lab = await openLab();
    await lab.remove('oforest_closed');

    expect(await lab.show('auction')).toContainEqual({ kind: 'notice', notice: { code: 'closed-page-missing' } });
    expect(outcomeOf(await lab.hide('auction'))).toBe('unchanged');
  });
});
