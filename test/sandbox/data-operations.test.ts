import { afterEach, describe, expect, it } from 'vitest';
import { randomText } from '../../src/core/clock.ts';
import type { OperationEvent } from '../../src/core/domain/operation-event.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { readAudit } from '../../src/core/operations/read-audit.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from '../../src/core/operations/review/review-data.ts';
import { reviewDeploy, reviewRollback } from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { listBackups, withBackupFiles } from '../../src/core/operations/steps/backup-files.ts';
import type { VolumeTrouble } from '../../src/sandbox/volumes/volume.ts';
import { backupsVolume, clusterOf, playSession, rowsIn } from '../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';

const stack = parseStackName('trust');
const last = (events: readonly OperationEvent[]) => events.at(-1);

/** A study with the data of a session, on a sandbox of its own. */
async function studyWithData(): Promise<SandboxLab> {
  const lab = await openSandboxLab();
  opened.push(lab);
  await lab.prepare();
  const deployed = await lab.run(await reviewTrust(lab));
  expect(last(deployed)).toMatchObject({ kind: 'operation-finished' });
  playSession(lab, 'trust', { participants: 6 });
  return lab;
}

const opened: SandboxLab[] = [];
afterEach(async () => {
  for (const lab of opened.splice(0)) await lab[Symbol.asyncDispose]();
});

const needs = ({ server, clock, signal }: SandboxLab) => ({ swarm: server.swarm, clock, signal, random: randomText });

async function answers(lab: SandboxLab): Promise<number> {
  const entry = await lab.server.entry();
  return (await entry.request({ host: 'trust.lab.test', path: '/login' })).status;
}

describe('a backup on the sandbox', () => {
  it('is restored and compared before it counts, and the study notices nothing', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');

    const events = await lab.run(await reviewBackup(trust, lab.server));

    expect(last(events)).toMatchObject({ kind: 'operation-finished', result: { state: 'running' } });
    const { backups } = await listBackups(stack, needs(lab));
    expect(backups).toMatchObject([{ rows: before, reason: 'asked', release: 1, participants: 6 }]);
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(clusterOf(lab, 'trust').database('otree_check')).toBeUndefined();
    expect(await answers(lab)).toBe(200);
  });

  it('that does not fit on the disk says so, and changes nothing', async () => {
    const lab = await studyWithData();
    backupsVolume(lab, 'trust').troubles.push({ kind: 'full', freeBytes: 100 });

    const events = await lab.run(await reviewReset(trust, lab.server));

    expect(last(events)).toMatchObject({
      kind: 'operation-failed',
      error: { code: 'backup-space', now: expect.stringMatching(/^The data is as it was\. v1 serves/) },
    });
    expect(rowsIn(lab, 'trust')).toBeGreaterThan(6);
    expect(await answers(lab)).toBe(200);
  });
});

describe('a backup that fails', () => {
  it.each<[string, VolumeTrouble, string]>([
    [
      'because its dump is cut short on the disk',
      { kind: 'damage', suffix: '.dump.partial', how: 'truncate' },
      'backup-damaged',
    ],
    [
      'because its dump has other bytes than were written',
      { kind: 'damage', suffix: '.dump.partial', how: 'flip' },
      'backup-damaged',
    ],
    ['because its job crashes', { kind: 'crash', script: 'dump', beforeStep: 2 }, 'job-failed'],
    ['because the job that proves it crashes', { kind: 'crash', script: 'verify', beforeStep: 3 }, 'job-failed'],
  ])('%s stops the reset before anything is stopped or erased', async (_why, trouble, code) => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');
    const tasks = () => [...lab.sandbox.model.store.tasks.values()].map(({ ID }) => ID).sort();
    const serving = tasks();
    // The dump is written in two pieces, each of which is struck once.
    const pieces = trouble.kind === 'damage' ? 2 : 1;
    backupsVolume(lab, 'trust').troubles.push(...Array.from({ length: pieces }, () => trouble));

    const events = await lab.run(await reviewReset(trust, lab.server));

    expect(last(events)).toMatchObject({
      kind: 'operation-failed',
      error: { code, now: expect.stringContaining('The data is as it was') },
    });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(tasks()).toEqual(expect.arrayContaining(serving));
    expect(await answers(lab)).toBe(200);
    // Nothing stands in the way of the next one.
    expect(last(await lab.run(await reviewReset(trust, lab.server)))).toMatchObject({ kind: 'operation-finished' });
  });

  it('leaves the study running when other connections keep the data from being switched', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');
    backupsVolume(lab, 'trust').troubles.push({ kind: 'connections-stay' });

    const events = await lab.run(await reviewReset(trust, lab.server));

    expect(last(events)).toMatchObject({ kind: 'operation-failed', error: { code: 'connections-stay' } });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(await answers(lab)).toBe(200);
  });
});

describe('a reset on the sandbox', () => {
  it('leaves an empty study and the old data aside; undo brings it back, and undo of that the empty one', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');

    const reset = await lab.run(await reviewReset(trust, lab.server));
    expect(last(reset)).toMatchObject({
      kind: 'operation-finished',
      result: { state: 'running', archive: expect.stringMatching(/^otree_old_/), backup: expect.any(String) },
    });
    expect(rowsIn(lab, 'trust')).toBe(0);
    expect(await answers(lab)).toBe(200);

    expect(last(await lab.run(await reviewUndo(trust, lab.server)))).toMatchObject({ kind: 'operation-finished' });
    expect(rowsIn(lab, 'trust')).toBe(before);

    await lab.run(await reviewUndo(trust, lab.server));
    expect(rowsIn(lab, 'trust')).toBe(0);
    expect(await answers(lab)).toBe(200);
  });

  it('is reviewed with what the data holds, as far as its database can be asked', async () => {
    const lab = await studyWithData();
    const held = async () => (await reviewReset(trust, lab.server)).held;

    expect(await held()).toEqual({ sessions: 1, participants: 6 });
    await lab.run(await reviewReset(trust, lab.server));
    expect(await held()).toEqual({ sessions: 0, participants: 0 });

    clusterOf(lab, 'trust').find('otree').tables.delete('otree_session');
    expect(await held()).toBeUndefined();
    expect((await reviewRestart(trust, lab.server)).held).toBeUndefined();
  });

  it('stays written down beside the data, with who did it, longer than its record', async () => {
    const lab = await studyWithData();
    expect(await readAudit(stack, needs(lab))).toEqual([]);

    await lab.run(await reviewReset(trust, lab.server));

    expect(await readAudit(stack, needs(lab))).toMatchObject([
      { verb: 'reset', actor: { via: 'ssh', sshUser: 'anna', host: 'laptop' } },
    ]);
  });

  it('of a stopped study leaves it stopped', async () => {
    const lab = await studyWithData();
    await lab.run(await reviewStop(trust, lab.server));

    expect(last(await lab.run(await reviewReset(trust, lab.server)))).toMatchObject({
      result: { state: 'stopped' },
    });
    expect(rowsIn(lab, 'trust')).toBe(0);
    expect(await answers(lab)).not.toBe(200);
  });

  it('is not undone under a release that its data does not fit: the one that collected it is named', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');
    await lab.run(await reviewReset(trust, lab.server));
    const image = lab.image('samples/trust-game:v4');
    const v4 = await reviewDeploy({ ...trust, image, addColumns: true }, { ...lab.server, signal: lab.signal });
    expect(last(await lab.run(v4))).toMatchObject({ kind: 'operation-finished' });

    expect(last(await lab.run(await reviewUndo(trust, lab.server)))).toMatchObject({
      kind: 'operation-failed',
      error: {
        code: 'misfit',
        why: expect.stringContaining('expected_back'),
        now: expect.stringMatching(/^The data is as it was\. v2 serves/),
        hint: expect.stringContaining('`oforest rollback trust --to v1`'),
      },
    });
    expect(rowsIn(lab, 'trust')).toBe(0);
    expect(await answers(lab)).toBe(200);
    expect(clusterOf(lab, 'trust').databases.filter(({ name }) => name.startsWith('otree_new_'))).toEqual([]);

    expect(last(await lab.run(await reviewRollback({ ...trust, to: 1 }, lab.server)))).toMatchObject({
      kind: 'operation-finished',
    });
    expect(last(await lab.run(await reviewUndo(trust, lab.server)))).toMatchObject({ kind: 'operation-finished' });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(clusterOf(lab, 'trust').databases.filter(({ name }) => name.startsWith('otree_new_'))).toEqual([]);
  });

  it('has nothing to undo before the first one', async () => {
    const lab = await studyWithData();

    await expect(reviewUndo(trust, lab.server)).rejects.toMatchObject({ code: 'archive-not-found' });
  });
});

describe('a restore on the sandbox', () => {
  it('brings a backup back, and sets aside what was there', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');
    await lab.run(await reviewBackup(trust, lab.server));
    const [backup] = (await listBackups(stack, needs(lab))).backups;
    await lab.run(await reviewReset(trust, lab.server));

    const events = await lab.run(await reviewRestore({ ...trust, backup: backup?.id ?? '' }, lab.server));

    expect(last(events)).toMatchObject({ kind: 'operation-finished' });
    expect(rowsIn(lab, 'trust')).toBe(before);
  });

  it('of a backup that is not there changes nothing', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');

    const events = await lab.run(await reviewRestore({ ...trust, backup: '20200101T000000Z-aaaaaaaaaa' }, lab.server));

    expect(last(events)).toMatchObject({
      kind: 'operation-failed',
      error: { code: 'backup-not-found', now: expect.stringMatching(/^The data is as it was\. v1 serves/) },
    });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(await answers(lab)).toBe(200);
  });

  it('of a damaged dump changes nothing', async () => {
    const lab = await studyWithData();
    await lab.run(await reviewBackup(trust, lab.server));
    const [backup] = (await listBackups(stack, needs(lab))).backups;
    const path = `${backup?.id}.dump`;
    await withBackupFiles(
      stack,
      async (files) => {
        const dump = await files.read(path);
        const bytes = (dump?.bytes ?? 0) - 7;
        const content = async function* () {
          yield Buffer.alloc(bytes);
        };
        await files.write(path, { bytes, content: content() });
      },
      needs(lab),
    );
    const before = rowsIn(lab, 'trust');

    const events = await lab.run(await reviewRestore({ ...trust, backup: backup?.id ?? '' }, lab.server));

    expect(last(events)).toMatchObject({ kind: 'operation-failed', error: { code: 'backup-damaged' } });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(clusterOf(lab, 'trust').databases.map(({ name }) => name)).not.toContainEqual(
      expect.stringMatching(/^otree_new_/),
    );
  });
});

describe('deleting on the sandbox', () => {
  const now = () => new Date('2027-01-01T00:00:00Z');

  it('puts the study away and keeps all of it; undelete brings back data and address', async () => {
    const lab = await studyWithData();
    const before = rowsIn(lab, 'trust');

    const events = await lab.run(await reviewDelete({ ...trust, now: now() }, lab.server));
    expect(last(events)).toMatchObject({
      result: { state: 'deleted', until: '2027-01-31T00:00:00.000Z', backup: expect.any(String) },
    });
    expect(await answers(lab)).not.toBe(200);
    await expect(reviewRestart(trust, lab.server)).rejects.toMatchObject({ code: 'study-retired' });
    const deploy = reviewTrust(lab, 'v2');
    await expect(deploy).rejects.toMatchObject({ code: 'study-retired', hint: expect.stringContaining('undelete') });

    expect(last(await lab.run(await reviewUndelete(trust, lab.server)))).toMatchObject({
      result: { state: 'running', release: 1 },
    });
    expect(rowsIn(lab, 'trust')).toBe(before);
    expect(await answers(lab)).toBe(200);
    expect((await reviewUndelete(trust, lab.server)).plan).toEqual([]);
  });

  it('for good is a step of its own, after which the name is free again', async () => {
    const lab = await studyWithData();
    await expect(reviewPurge(trust, lab.server)).rejects.toMatchObject({ code: 'usage-wrong' });
    await lab.run(await reviewDelete({ ...trust, now: now() }, lab.server));

    expect(last(await lab.run(await reviewPurge(trust, lab.server)))).toMatchObject({ result: { state: 'purged' } });

    const { store, volumes } = lab.sandbox.model;
    expect([...store.services.values()].map(({ Spec }) => Spec.Name)).not.toContainEqual(
      expect.stringMatching(/^trust_/),
    );
    expect(volumes.ending('trust_backups')).toEqual([]);
    const again = await lab.run(await reviewTrust(lab));
    expect(last(again)).toMatchObject({ result: { release: 1, state: 'running' } });
    expect(rowsIn(lab, 'trust')).toBe(0);
  });
});
