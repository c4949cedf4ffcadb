import { describe, expect, it } from 'vitest';
import { aJobLab } from './a-job.ts';

const dumping = { DATABASE: 'otree', BACKUP: 'b1' };
const rows = (lab: ReturnType<typeof aJobLab>, database: string) => lab.cluster.database(database)?.counts();

describe('dump', () => {
  it('writes a dump and its manifest, both marked as partial', () => {
    const lab = aJobLab();
    const { exitCode, result } = lab.run('dump', dumping);
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({
      id: 'b1',
      database: 'otree',
      rows: 3,
      participants: 2,
      sessions: 1,
      reason: 'asked',
    });
    expect(lab.backups.paths).toEqual(['b1.dump.partial', 'b1.json.partial']);
    expect(JSON.parse(lab.backups.read('b1.json.partial')?.toString() ?? '')).toEqual(result);
    expect(lab.backups.read('b1.dump.partial')).toHaveLength((result as { bytes: number }).bytes);
  });

  it('gives the same bytes for the same content', () => {
    const sha = () => (aJobLab().run('dump', dumping).result as { sha256: string }).sha256;
    expect(sha()).toBe(sha());
  });

  it('shows one moment, whatever is written meanwhile', () => {
    const lab = aJobLab();
    lab.begin('dump', dumping);
    lab.timeline.advance(400);
    lab.cluster.find('otree').table('otree_participant').insert({ code: 'late' });
    lab.timeline.advance(5_000);
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 0, result: { participants: 2 } });
  });

  it('refuses before it writes where there is too little space', () => {
    const lab = aJobLab();
    lab.backups.troubles.push({ kind: 'full', freeBytes: 20_000_000 });
    expect(lab.run('dump', dumping)).toMatchObject({ exitCode: 1, result: { error: 'no-space' } });
    expect(lab.backups.paths).toEqual([]);
  });

  it('fails where the volume fills up while it writes', () => {
    const lab = aJobLab();
    const job = lab.begin('dump', dumping);
    lab.timeline.advance(300);
    lab.backups.troubles.push({ kind: 'full', freeBytes: 10 });
    lab.timeline.advance(5_000);
    expect([job.exitCode, job.log.at(-1)]).toEqual([1, expect.stringContaining('"error":"dump-failed"')]);
  });

  it('leaves half a file when it is killed half way, and Postgres stopped under it fails it', () => {
    const lab = aJobLab();
    const killed = lab.begin('dump', dumping);
    lab.timeline.advance(400);
    killed.kill();
    lab.timeline.advance(5_000);
    expect(lab.backups.paths).toEqual(['b1.dump.partial']);
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 1, result: { error: 'backup-missing' } });
    const job = lab.begin('dump', dumping);
    lab.timeline.advance(300);
    lab.cluster.terminate(() => true);
    lab.timeline.advance(5_000);
    expect([job.exitCode, job.log.at(-1)]).toEqual([1, expect.stringContaining('"error":"dump-failed"')]);
  });
});

it('takes its half file away when it is asked to stop, or fails', () => {
  const lab = aJobLab();
  const job = lab.begin('dump', dumping);
  lab.timeline.advance(400);
  expect(lab.backups.paths).toEqual(['b1.dump.partial']);
  job.running.terminate?.();
  lab.timeline.advance(5_000);
  expect([job.exitCode, lab.backups.paths]).toEqual([143, []]);
});

describe('verify', () => {
  it('names a good backup final, and leaves no scratch database', () => {
    const lab = aJobLab();
    lab.run('dump', dumping);
    expect(lab.run('verify', dumping)).toMatchObject({
      exitCode: 0,
      result: { id: 'b1', verifiedAt: expect.any(String) },
    });
    expect(lab.backups.paths).toEqual(['b1.dump', 'b1.json']);
    expect(lab.cluster.database('otree_check')).toBeUndefined();
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 0 });
  });

  it.each(['truncate', 'flip'] as const)('detects damage after writing: %s', (how) => {
    const lab = aJobLab();
    lab.backups.troubles.push({ kind: 'damage', suffix: '.dump.partial', how });
    lab.begin('dump', dumping);
    lab.timeline.advance(400);
    lab.backups.troubles.push({ kind: 'damage', suffix: '.dump.partial', how });
    lab.timeline.advance(5_000);
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 1, result: { error: 'backup-damaged' } });
    expect(lab.backups.paths).toEqual(['b1.dump.partial', 'b1.json.partial']);
  });

  it('detects a dump of other content under a manifest that was made to fit its bytes', () => {
    const lab = aJobLab();
    lab.run('dump', dumping);
    lab.cluster.find('otree').table('otree_participant').insert({ code: 'three' });
    const other = lab.run('dump', { ...dumping, BACKUP: 'b2' }).result as { bytes: number; sha256: string };
    lab.backups.rename('b2.dump.partial', 'b1.dump.partial');
    const manifest = JSON.parse(lab.backups.read('b1.json.partial')?.toString() ?? '');
    const { bytes, sha256 } = other;
    lab.backups.write('b1.json.partial', Buffer.from(JSON.stringify({ ...manifest, bytes, sha256 })));
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 1, result: { error: 'verify-failed' } });
  });

  it.each([
    [{ id: 'another' }, 'backup-foreign'],
    [{ stack: 'another' }, 'backup-foreign'],
    [{ sha256: 'none' }, 'backup-damaged'],
    [{ postgres: 'x' }, 'backup-damaged'],
    [{ format: 2 }, 'backup-too-new'],
    [{ postgres: '16.2' }, 'backup-too-new'],
  ])('refuses a manifest with %o', (changes, error) => {
    const lab = aJobLab();
    lab.run('dump', dumping);
    const manifest = JSON.parse(lab.backups.read('b1.json.partial')?.toString() ?? '');
    lab.backups.write('b1.json.partial', Buffer.from(JSON.stringify({ ...manifest, ...changes })));
    expect(lab.run('verify', dumping)).toMatchObject({ exitCode: 1, result: { error } });
  });
});

it('fills a new database from a backup, once', () => {
  const lab = aJobLab();
  lab.run('dump', dumping);
  const filling = { DATABASE: 'otree_new_a', BACKUP: 'b1' };
  expect(lab.run('fill', filling)).toEqual({ exitCode: 0, result: { database: 'otree_new_a', tables: 2, rows: 3 } });
  expect(rows(lab, 'otree_new_a')).toEqual(rows(lab, 'otree'));
  lab.cluster.find('otree_new_a').table('otree_participant').insert({ code: 'kept' });
  expect(lab.run('fill', filling)).toMatchObject({ exitCode: 0 });
  expect(rows(lab, 'otree_new_a')).toMatchObject({ otree_participant: 3 });
});

it('starts over where an earlier fill was cut off', () => {
  const lab = aJobLab();
  lab.run('dump', dumping);
  lab.backups.troubles.push({ kind: 'crash', script: 'fill', beforeStep: 7 });
  const filling = { DATABASE: 'otree_new_a', BACKUP: 'b1' };
  expect(lab.run('fill', filling).exitCode).toBe(137);
  expect(rows(lab, 'otree_new_a')).toEqual({ otree_participant: 2 });
  expect(lab.run('fill', filling).exitCode).toBe(0);
  expect(rows(lab, 'otree_new_a')).toEqual(rows(lab, 'otree'));
});
