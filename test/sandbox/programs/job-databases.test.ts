import { describe, expect, it } from 'vitest';
import { aJobLab } from './a-job.ts';

const swapping = { LIVE: 'otree', DATABASE: 'otree_new_a', ARCHIVE: 'otree_old_op1', REASON: 'reset' };
const creating = { DATABASE: 'otree_new_a' };
const names = ({ cluster }: ReturnType<typeof aJobLab>) =>
  cluster.databases
    .filter(({ name }) => name.startsWith('otree'))
    .map(({ name, allowConnections }) => [name, allowConnections]);

describe('swap', () => {
  it('exchanges the names, ends who was connected, and keeps the archive closed', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    let isLost = false;
    lab.cluster.connect({ database: 'otree', role: 'study', onLost: () => (isLost = true) });
    expect(lab.run('swap', swapping)).toEqual({ exitCode: 0, result: { live: 'otree', archive: 'otree_old_op1' } });
    expect(isLost).toBe(true);
    expect(names(lab)).toEqual([
      ['otree_old_op1', false],
      ['otree_trial', true],
      ['otree', true],
    ]);
    // Out of the reach of the study's own code, which could drop what it owns.
    expect(lab.cluster.find('otree_old_op1').owner).toBe('postgres');
    expect(lab.cluster.counts('otree')).toEqual({});
    expect(lab.run('list')).toMatchObject({
      result: {
        archives: [{ database: 'otree_old_op1', operation: 'op1', reason: 'reset', bytes: expect.any(Number) }],
      },
    });
  });

  it('sets aside what can be copied without being opened', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    lab.run('swap', swapping);
    const copying = { DATABASE: 'otree_new_b', TEMPLATE: 'otree_old_op1', OPERATION: 'op2', STEP: 'copy-archive' };
    expect(lab.run('create-database', copying)).toEqual({ exitCode: 0, result: { database: 'otree_new_b' } });
    expect(lab.cluster.counts('otree_new_b')).toEqual({ otree_session: 1, otree_participant: 2 });
    expect(lab.cluster.find('otree_new_b')).toMatchObject({ owner: 'study', allowConnections: true });
    expect(lab.cluster.find('otree_old_op1').allowConnections).toBe(false);
    const missing = { ...copying, TEMPLATE: 'otree_old_nosuch', OPERATION: 'op3' };
    expect(lab.run('create-database', missing)).toMatchObject({ result: { error: 'database-missing' } });
  });

  it('changes nothing when it runs a second time, and is undone by a third with other names', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    const first = lab.run('swap', swapping);
    expect(lab.run('swap', swapping)).toEqual(first);
    expect(lab.cluster.counts('otree')).toEqual({});
    const undoing = { LIVE: 'otree', DATABASE: 'otree_old_op1', ARCHIVE: 'otree_old_op2', REASON: 'undo' };
    expect(lab.run('swap', { ...undoing, OPERATION: 'op2', EPOCH: '2' })).toMatchObject({ exitCode: 0 });
    expect(lab.cluster.counts('otree')).toEqual({ otree_session: 1, otree_participant: 2 });
  });

  it('leaves both closed when it is killed before the change, and `open` opens them', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    lab.backups.troubles.push({ kind: 'crash', script: 'swap', beforeStep: 4 });
    expect(lab.run('swap', swapping).exitCode).toBe(137);
    expect(names(lab)).toEqual([
      ['otree', false],
      ['otree_trial', true],
      ['otree_new_a', false],
    ]);
    expect(lab.run('open', { DATABASE: 'otree' })).toEqual({ exitCode: 0, result: { database: 'otree' } });
    expect(lab.cluster.find('otree').allowConnections).toBe(true);
  });

  it('is whole when it is killed after the change', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    lab.backups.troubles.push({ kind: 'crash', script: 'swap', beforeStep: 5 });
    expect(lab.run('swap', swapping).exitCode).toBe(137);
    expect(lab.run('swap', swapping)).toEqual({ exitCode: 0, result: { live: 'otree', archive: 'otree_old_op1' } });
    expect(lab.cluster.database('otree_old_op1')?.counts()).toMatchObject({ otree_participant: 2 });
  });

  it('says which database is missing, and gives up where a connection stays', () => {
    const lab = aJobLab();
    expect(lab.run('swap', swapping)).toMatchObject({ exitCode: 1, result: { error: 'database-missing' } });
    lab.run('create-database', creating);
    lab.backups.troubles.push({ kind: 'connections-stay' });
    expect(lab.run('swap', swapping)).toMatchObject({ exitCode: 1, result: { error: 'connections-stay' } });
    expect(lab.cluster.find('otree').allowConnections).toBe(true);
  });
});

describe('fence', () => {
  it('stops whoever has an earlier epoch, also in the middle of its work', () => {
    const lab = aJobLab();
    lab.run('create-database', creating);
    const zombie = lab.begin('swap', swapping);
    lab.timeline.advance(200);
    const fencing = { OPERATION: 'op2', EPOCH: '2' };
    expect(lab.run('fence', fencing)).toEqual({ exitCode: 0, result: { epoch: 2 } });
    expect(zombie.exitCode).toBe(1);
    expect(lab.cluster.database('otree_old_op1')).toBeUndefined();
    for (const script of ['swap', 'open', 'create-database', 'drop-databases'] as const)
      expect(lab.run(script, { ...swapping, DATABASES: 'otree_new_a' })).toMatchObject({
        exitCode: 1,
        result: { error: 'fenced' },
      });
  });
});

it('makes an empty database that only the study may enter, once per operation', () => {
  const lab = aJobLab();
  expect(lab.run('create-database', creating)).toEqual({ exitCode: 0, result: { database: 'otree_new_a' } });
  const made = lab.cluster.find('otree_new_a');
  expect([made.owner, made.openToAll]).toEqual(['study', false]);
  made.createTable('kept', {});
  lab.run('create-database', creating);
  expect(lab.cluster.counts('otree_new_a')).toEqual({ kept: 0 });
  lab.run('create-database', { ...creating, OPERATION: 'op2' });
  expect(lab.cluster.counts('otree_new_a')).toEqual({});
  expect(lab.run('create-database', { DATABASE: 'otree', STEP: 'x' })).toMatchObject({ result: { error: 'refused' } });
});

it('drops what was set aside, and never the live database', () => {
  const lab = aJobLab();
  lab.run('create-database', creating);
  lab.run('swap', swapping);
  expect(lab.run('drop-databases', { DATABASES: 'otree otree_old_op1' })).toMatchObject({
    result: { error: 'refused' },
  });
  expect(lab.run('drop-databases', { DATABASES: 'otree_old_op1 otree_old_none' })).toMatchObject({ exitCode: 0 });
  expect(lab.cluster.database('otree_old_op1')).toBeUndefined();
  expect(lab.run('list')).toMatchObject({ result: { archives: [] } });
});

it('adds columns, all or none', () => {
  const lab = aJobLab();
  const adding = (columns: unknown) => ({ DATABASE: 'otree', COLUMNS: JSON.stringify(columns) });
  const good = { table: 'otree_participant', column: 'mood', type: 'character varying' };
  const bad = { table: 'otree_participant', column: 'other', type: 'text; DROP TABLE otree_session' };
  expect(lab.run('add-columns', adding([good, bad]))).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
  expect(lab.cluster.find('otree').table('otree_participant').columns.has('mood')).toBe(false);
  expect(lab.run('add-columns', adding([good]))).toEqual({ exitCode: 0, result: { added: 1 } });
  expect(lab.cluster.find('otree').table('otree_participant').rows[0]).toMatchObject({ code: 'one', mood: null });
});

it('says that the database does not answer', () => {
  const lab = aJobLab();
  expect(lab.run('swap', { ...swapping, DATABASE_HOST: 'nowhere' })).toMatchObject({
    exitCode: 1,
    result: { error: 'database-unreachable' },
  });
});

it('opens both again where its connection was cut off in the middle of a swap', () => {
  const lab = aJobLab();
  lab.run('create-database', creating);
  const job = lab.begin('swap', swapping);
  lab.timeline.advance(200);
  expect(lab.cluster.find('otree').allowConnections).toBe(false);
  lab.cluster.terminate(({ role }) => role === 'postgres');
  lab.timeline.advance(5_000);
  expect([job.exitCode, job.log.at(-1)]).toEqual([1, expect.stringContaining('"error":"refused"')]);
  expect(lab.cluster.find('otree').allowConnections).toBe(true);
});

it('waits for a database that starts, for a minute', () => {
  const lab = aJobLab();
  lab.startDatabase().kill();
  const job = lab.begin('create-database', creating);
  lab.timeline.advance(20_000);
  lab.startDatabase();
  lab.timeline.advance(3_000);
  expect(job.exitCode).toBe(0);
});

it('changes nothing more once Postgres has stopped under it', () => {
  const lab = aJobLab();
  const job = lab.begin('create-database', creating);
  lab.timeline.advance(250);
  lab.cluster.terminate(() => true);
  lab.timeline.advance(5_000);
  expect([job.exitCode, lab.cluster.database('otree_new_a')]).toEqual([1, undefined]);
  expect(job.log.at(-1)).toContain('"error":"database-unreachable"');
});
