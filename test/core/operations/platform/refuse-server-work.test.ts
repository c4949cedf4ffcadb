import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { randomText } from '../../../../src/core/clock.ts';
import { parseStackName } from '../../../../src/core/domain/stack-name.ts';
import { bookSlot, placeHold } from '../../../../src/core/operations/bookings.ts';
import { applyPlatform, planPlatform } from '../../../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../../../src/core/operations/platform/wanted-platform.ts';
import { findPlatform } from '../../../../src/core/records/platform-record.ts';
import { clusterOf, playSession } from '../../../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';

const anna = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
const stack = parseStackName('trust');
const hourMs = 3_600_000;

describe('work on the server that interrupts every study', () => {
  let lab: SandboxLab;
  const close = () => lab?.[Symbol.asyncDispose]();
  afterAll(close);
  beforeEach(async () => {
    await close();
    lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    playSession(lab, 'trust', { participants: 6 });
  });

  const participants = () => clusterOf(lab, 'trust').find('otree').table('otree_participant').rows;
  function beginSession() {
    const now = Math.floor(lab.sandbox.timeline.now() / 1000);
    const onPage = { visited: true, _index_in_pages: 1, _last_request_timestamp: now, _last_page_timestamp: now };
    for (const row of participants()) Object.assign(row, onPage);
  }
  async function prepare(request: PrepareRequest, reason?: string): Promise<void> {
    const { server, clock, signal } = lab;
    const plan = await planPlatform(request, { ...server, clock, signal });
    const interruption = reason === undefined ? undefined : { reason, actor: anna };
    for await (const _event of applyPlatform(plan, { ...server, clock, signal }, interruption));
  }
  const otherPort: PrepareRequest = { httpPort: 8080 };
  const inHours = (hours: number) => new Date(lab.clock.now().getTime() + hours * hourMs);
  const needs = () => ({ swarm: lab.server.swarm, random: randomText });
  const portOf = async () => (await findPlatform(lab.server.swarm))?.httpPort;

  it('is done while nobody is in a session', async () => {
    await prepare(otherPort);
    expect(await findPlatform(lab.server.swarm)).toMatchObject({ httpPort: 8080, preparedAt: expect.anything() });
    expect(await findPlatform(lab.server.swarm)).not.toHaveProperty('interruption');
  });

  it('is refused while people are in one, unless somebody takes it upon themselves, which is recorded', async () => {
    beginSession();
    await expect(prepare(otherPort)).rejects.toMatchObject({
      code: 'participants-present',
      why: 'It would interrupt every study. trust: 6 people are on a page.',
      now: 'Nothing was changed.',
      details: { studies: ['trust'] },
    });
    expect(await portOf()).toBe(80);
    await prepare(otherPort, 'port 80 is needed');
    expect(await findPlatform(lab.server.swarm)).toMatchObject({
      httpPort: 8080,
      interruption: { reason: 'port 80 is needed', actor: anna },
    });
  });

  it('is refused while a lab session is booked or a study is held, whatever the reason', async () => {
    const { booking } = await bookSlot({ stack, from: inHours(0.1), until: inHours(3) }, anna, needs());
    await expect(prepare(otherPort, 'port 80 is needed')).rejects.toMatchObject({
      code: 'slot-booked',
      message: 'preparing the server',
      why: expect.stringMatching(
        /^It would interrupt every study, and trust is to be left alone: anna@laptop .+ booked it/,
      ),
      hint: expect.stringContaining(`oforest release-hold trust --id ${booking.id}`),
    });
    await lab.clock.sleep(4 * hourMs, lab.signal);
    await placeHold({ stack, until: inHours(3), reason: 'pre-registered' }, anna, needs());
    await expect(prepare(otherPort)).rejects.toMatchObject({ code: 'study-held' });
    expect(await portOf()).toBe(80);
  });

  it('is no matter where nobody would notice: a new contact, or a Traefik that does not run', async () => {
    beginSession();
    await bookSlot({ stack, from: inHours(0), until: inHours(3) }, anna, needs());
    await prepare({ contact: 'Lab Office' });
    const traefik = (
      await lab.server.swarm.listServices({ label: 'com.docker.stack.namespace', value: 'oforest' })
    ).find(({ Spec }) => Spec.Name === 'oforest_traefik')!;
    await lab.server.swarm.updateService(traefik, { ...traefik.Spec, Mode: { Replicated: { Replicas: 0 } } } as never);
    await lab.clock.sleep(60_000, lab.signal);
    await prepare(otherPort);
    expect(await portOf()).toBe(8080);
  });
});
