import { describe, expect, it } from 'vitest';
import { randomText } from '../../../../src/core/clock.ts';
import { platformChores } from '../../../../src/core/operations/keeper/platform-chores.ts';
import { createTimetable } from '../../../../src/core/operations/keeper/timetable.ts';
import { findOperation } from '../../../../src/core/records/operation-record.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';

describe("the timetable's work", () => {
  it('is done as operations of the keeper: a backup, its drill, and removing it', async () => {
    await using lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    const { swarm } = lab.server;
    const needs = { swarm, clock: lab.clock, random: randomText, signal: lab.signal };
    const chores = platformChores(createTimetable({ timeZone: 'UTC' }), needs);
    const run = async (due: Parameters<typeof chores.start>[0]) => {
      const id = await chores.start(due);
      await lab.runAccepted(id);
      return await findOperation(id, { swarm });
    };

    expect(await chores.studies()).toMatchObject([{ stack: 'trust', state: 'running', busy: false, bookings: [] }]);
    expect(await chores.look('trust')).toEqual({ backups: [], archives: [] });
    const backup = await run({ kind: 'backup', stack: 'trust' });
    expect(backup).toMatchObject({ state: 'succeeded', request: { verb: 'backup', actor: { via: 'keeper' } } });
    await run({ kind: 'backup', stack: 'trust' });

    const { backups } = await chores.look('trust');
    expect(backups.map(({ nightly }) => nightly)).toEqual([true, true]);
    const [newest, oldest] = backups.toSorted((a, b) => b.takenAt.localeCompare(a.takenAt));
    await lab.clock.sleep(3_600_000, lab.signal);
    expect(await run({ kind: 'drill', stack: 'trust', backup: newest!.id })).toMatchObject({ state: 'succeeded' });
    const drilled = (await chores.look('trust')).backups.find(({ id }) => id === newest!.id)!;
    expect(Date.parse(drilled.verifiedAt) - Date.parse(drilled.takenAt)).toBeGreaterThan(3_000_000);

    const dropped = await run({ kind: 'drop-data', stack: 'trust', archives: [], backups: [oldest!.id] });
    expect(dropped).toMatchObject({ state: 'succeeded' });
    expect((await chores.look('trust')).backups.map(({ id }) => id)).toEqual([newest!.id]);
  });
});
