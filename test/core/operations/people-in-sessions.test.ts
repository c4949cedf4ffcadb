import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { type PeopleSeen, seePeopleEverywhere } from '../../../src/core/operations/people-in-sessions.ts';
import type { SwarmGateway } from '../../../src/core/swarm/gateway.ts';
import { aState, aTask, deployed } from '../../support/builders.ts';
import { swarmShowing } from '../../support/showing-swarm.ts';

describe('people everywhere', () => {
  it('leaves out a study that does not answer for longer than the patience lasts', async () => {
    const asked: string[] = [];
    const pauses: number[] = [];
    const tasks = [aTask(), aTask({ service: 'id-of-my-exp_db' })];
    const swarm: SwarmGateway = {
      ...swarmShowing(deployed(aState(), {}, { tasks })),
      exec: ({ id }) => {
        asked.push(id);
        return new Promise(() => undefined);
      },
    };
    const clock = { now: () => new Date(), sleep: async (ms: number) => void pauses.push(ms) };

    const webs = await swarm.listServices({ label: 'org.oforest.part', value: 'web' });
    const seen: PeopleSeen[] = [];
    for await (const people of seePeopleEverywhere({ swarm, clock, webs }, { patienceMs: 3_000 })) seen.push(people);

    expect(asked).toHaveLength(1);
    expect(pauses).toEqual([3_000]);
    expect(seen).toEqual([]);
  });

  it('asks who was silent for as long as the study says, which its service tells', async () => {
    const asked: (readonly string[])[] = [];
    const tasks = [aTask(), aTask({ service: 'id-of-my-exp_db' })];
    const swarm: SwarmGateway = {
      ...swarmShowing({ ...deployed(aState({ guardIdleMinutes: 45 }), {}, { tasks }), releases: [] }),
      exec: async (_, words) => {
        asked.push(words);
        return undefined;
      },
    };
    const webs = await swarm.listServices({ label: 'org.oforest.part', value: 'web' });
    for await (const _ of seePeopleEverywhere({ swarm, webs, clock: systemClock }));

    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain(String(45 * 60));
  });
});
