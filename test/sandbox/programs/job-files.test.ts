import { expect, it } from 'vitest';
import { jobScripts } from '../../../src/core/database/scripts/job-scripts.ts';
import { jobScripts as played } from '../../../src/sandbox/programs/job-scripts.ts';
import { aJobLab } from './a-job.ts';

const backUp = (lab: ReturnType<typeof aJobLab>, id: string) => {
  const named = { DATABASE: 'otree', BACKUP: id };
  lab.run('dump', named);
  lab.run('verify', named);
};

it('knows every job of core, and no other', () => {
  expect([...played.keys()].sort()).toEqual(Object.keys(jobScripts).sort());
});

it('lists final backups, newest first, and what is free', () => {
  const lab = aJobLab();
  backUp(lab, '20270104T090000Z-a');
  backUp(lab, '20270105T090000Z-b');
  lab.run('dump', { DATABASE: 'otree', BACKUP: '20270106T090000Z-c' });
  expect(lab.run('list').result).toMatchObject({
    backups: [{ id: '20270105T090000Z-b' }, { id: '20270104T090000Z-a' }],
    archives: [],
    freeBytes: lab.backups.freeBytes,
    live: { bytes: expect.any(Number) },
  });
});

it('lists backups also while the database is down', () => {
  const lab = aJobLab();
  backUp(lab, 'b1');
  expect(lab.run('list', { DATABASE_HOST: 'nowhere' })).toMatchObject({
    exitCode: 0,
    result: { backups: [{ id: 'b1' }] },
  });
});

it('drops backups, but never the last one that was verified', () => {
  const lab = aJobLab();
  backUp(lab, 'b1');
  backUp(lab, 'b2');
  expect(lab.run('drop-backups', { BACKUPS: 'b1 b2' })).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
  expect(lab.run('drop-backups', { BACKUPS: 'b1 b0' }).result).toEqual({ dropped: ['b1', 'b0'] });
  expect(lab.backups.paths).toEqual(['b2.dump', 'b2.json']);
});

it('keeps one line of audit for each operation', () => {
  const lab = aJobLab();
  const reset = JSON.stringify({ operation: 'op1', verb: 'reset' });
  lab.run('audit', { LINE: reset });
  lab.run('audit', { LINE: reset });
  lab.run('audit', { OPERATION: 'op2', LINE: JSON.stringify({ operation: 'op2', verb: 'delete' }) });
  expect(lab.run('audit', { OPERATION: 'op3', LINE: reset })).toMatchObject({ result: { error: 'refused' } });
  expect(lab.run('read-audit').result).toMatchObject({ lines: [{ operation: 'op1' }, { operation: 'op2' }] });
});

it('tells at once that it holds open, and ends after its time', () => {
  const lab = aJobLab();
  const job = lab.begin('hold-open', { SECONDS: '60' });
  lab.timeline.advance(1_000);
  expect([job.log, job.exitCode]).toEqual([['oforest-result {"holds":60}'], undefined]);
  lab.timeline.advance(60_000);
  expect([job.log.length, job.exitCode]).toEqual([1, 0]);
  const stopped = lab.begin('hold-open', { SECONDS: '60' });
  lab.timeline.advance(1_000);
  stopped.running.terminate?.();
  expect(stopped.exitCode).toBe(0);
});

it('empties both volumes of a study that is purged', () => {
  const lab = aJobLab();
  backUp(lab, 'b1');
  expect(lab.run('empty')).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
  lab.startDatabase().kill();
  expect(lab.run('empty')).toEqual({ exitCode: 0, result: { emptied: ['/backups', '/data'] } });
  expect([lab.backups.paths, lab.cluster.isInitialised, lab.cluster.databases]).toEqual([[], false, []]);
});

it('is cut off before the step that a fault names', () => {
  const lab = aJobLab();
  lab.backups.troubles.push({ kind: 'crash', script: 'audit', beforeStep: 2 });
  expect(lab.run('audit', { LINE: '{"operation":"op1"}' })).toEqual({ exitCode: 137, result: null });
  expect(lab.backups.paths).toEqual([]);
});
