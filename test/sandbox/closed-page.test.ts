import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { reviewStop } from '../../src/core/operations/review/review-running.ts';
import { hideClosedStep, showClosedStep } from '../../src/core/operations/steps/closed-page-steps.ts';
import { runSteps, type Step } from '../../src/core/operations/steps/step.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';

describe('a closed study on the sandbox', () => {
  const stack = parseStackName('trust');
  const host = 'trust.lab.test';
  let lab: SandboxLab;
  beforeAll(async () => {
    lab = await openSandboxLab();
    await lab.prepare({ contact: 'Lab <Office>, lab@example.edu' });
    await lab.run(await reviewTrust(lab));
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const run = async (step: Step) => {
    for await (const _event of runSteps([step], { finished: new Set(), confirm: async () => {} }));
    // Traefik looks once a second.
    await lab.clock.sleep(2_000, lab.signal);
  };
  const needs = () => ({ stack, swarm: lab.server.swarm, clock: lab.clock, signal: lab.signal });
  const ask = async () => (await lab.server.entry()).request({ host, path: '/p/abcdefgh/game/Page/1' });

  it('answers itself while it runs, whatever the page has', async () => {
    await run(showClosedStep(needs(), host));

    expect((await ask()).status).not.toBe(410);
  });

  it('says that it is closed, and whom to ask, once it is stopped', async () => {
    await lab.run(await reviewStop(trust, lab.server));
    await run(showClosedStep(needs(), host));

    const { status, headers, body } = await ask();
    expect([status, headers['cache-control']]).toEqual([410, 'no-store']);
    expect(body).toContain('<h1>This study is closed</h1>');
    expect(body).toContain('Lab &lt;Office&gt;, lab@example.edu');
    expect(body).not.toContain('@CONTACT@');
  });

  it('has no page any more once that was taken away', async () => {
    await run(hideClosedStep(needs()));

    expect((await ask()).status).toBe(404);
  });
});
