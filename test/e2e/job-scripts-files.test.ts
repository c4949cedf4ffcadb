import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type APostgres, aPostgres } from './support/a-postgres.ts';
import { startAfresh } from './support/study-data.ts';
import { until } from './support/until.ts';

const facts = JSON.stringify({ stack: 'trust', reason: 'asked' });
const ids = ['20261119T020000Z-aaaaaaaaaa', '20261120T020000Z-bbbbbbbbbb'] as const;

describe('the scripts of jobs on files and columns', { timeout: 120_000 }, () => {
  let pg: APostgres;
  beforeAll(async () => {
    pg = await aPostgres();
  });
  afterAll(() => pg[Symbol.asyncDispose]());
  beforeEach(() => startAfresh(pg));

  const backUp = async (id: string) => {
    const options = { operation: id.slice(-10) };
    await pg.job('dump', { DATABASE: 'otree', BACKUP: id, FACTS: facts }, { ...options, step: 'dump' });
    return (await pg.job('verify', { BACKUP: id }, { ...options, step: 'verify' })).result;
  };

  it('lists backups newest first, and databases with their sizes; half ones and broken ones apart', async () => {
    const [older, newer] = [await backUp(ids[0]), await backUp(ids[1])];
    await writeFile(join(pg.backups, '20261121T020000Z-half.dump.partial'), 'x');
    await writeFile(join(pg.backups, '20261121T020000Z-broken.dump'), 'x');
    await writeFile(join(pg.backups, '20261121T020000Z-broken.json'), '{"id": "20261121T020000Z-broken", ');
    await pg.job('create-database', { DATABASE: 'otree_new_abcde12345' }, { step: 'create' });
    const swap = { LIVE: 'otree', DATABASE: 'otree_new_abcde12345', ARCHIVE: 'otree_old_abcde12345', REASON: 'reset' };
    await pg.job('swap', swap, { step: 'swap' });

    const { result } = await pg.job('list', {});
    expect(result).toEqual({
      backups: [newer, older],
      unfinished: ['20261121T020000Z-half'],
      freeBytes: expect.any(Number),
      reachable: true,
      live: { bytes: expect.any(Number) },
      archives: [
        {
          database: 'otree_old_abcde12345',
          operation: 'abcde12345',
          reason: 'reset',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          bytes: expect.any(Number),
        },
      ],
      databases: ['otree', 'otree_old_abcde12345'].map((database) => ({ database, bytes: expect.any(Number) })),
    });
    const stopped = await pg.job('list', { DATABASE_HOST: 'stopped_db' });
    expect(stopped.result).toMatchObject({ backups: [newer, older], reachable: false, archives: [], live: null });
  });

  it('drops backups, but never the last one that was proved', async () => {
    await backUp(ids[0]);
    await backUp(ids[1]);
    const drop = (BACKUPS: string) => pg.job('drop-backups', { BACKUPS }, { step: 'drop' });
    expect(await drop(ids.join(' '))).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
    expect(await readdir(pg.backups)).toHaveLength(4);
    for (const _ of [1, 2]) expect(await drop(ids[0])).toMatchObject({ exitCode: 0, result: { dropped: [ids[0]] } });
    expect(await drop(ids[1])).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
    expect((await readdir(pg.backups)).sort()).toEqual([`${ids[1]}.dump`, `${ids[1]}.json`]);
    expect(await drop('../x')).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
  });

  it('writes a line of the audit once, after one that was cut off, and reads those that are whole', async () => {
    const lineOf = (operation: string) => ({ operation, verb: 'reset', by: 'änna "x" \\ $(id) `id`' });
    const audit = (operation: string, line: object = lineOf(operation)) =>
      pg.job('audit', { LINE: JSON.stringify(line) }, { operation, step: 'audit' });
    await audit('aaaaaaaaaa');
    await appendFile(join(pg.backups, 'audit.jsonl'), '{"operation":"bbbbbbbbbb","verb":');
    for (const _ of [1, 2]) expect(await audit('bbbbbbbbbb')).toMatchObject({ exitCode: 0, result: {} });
    expect(await audit('cccccccccc', lineOf('dddddddddd'))).toMatchObject({
      exitCode: 1,
      result: { error: 'refused' },
    });
    expect((await readFile(join(pg.backups, 'audit.jsonl'), 'utf8')).split('\n')).toHaveLength(4);
    expect((await pg.job('read-audit', {})).result).toEqual({ lines: [lineOf('aaaaaaaaaa'), lineOf('bbbbbbbbbb')] });
  });

  it('reads 200 lines of the audit of 100 kB', async () => {
    const line = { operation: 'x', text: '\\"[}'.repeat(60), numbers: [1, -2.5e3, [], {}], yes: true, no: null };
    await writeFile(join(pg.backups, 'audit.jsonl'), `${JSON.stringify(line)}\n`.repeat(250));
    const { result } = await pg.job('read-audit', {});
    expect(result).toEqual({ lines: Array(200).fill(line) });
  });

  it('adds columns of plain types once, and keeps the rows', async () => {
    const add = (columns: object[], step: string) =>
      pg.job('add-columns', { DATABASE: 'otree', COLUMNS: JSON.stringify(columns) }, { step });
    const columns = [
      { table: 'guess_player', column: 'new "one"', type: 'character varying(20)' },
      { table: 'guess_player', column: 'state', type: 'text' },
      { table: 'otree_session', column: 'comment', type: 'timestamp without time zone' },
    ];
    const before = await pg.study('SELECT count(*), sum(id) FROM guess_player');
    for (const step of ['add', 'add', 'again'])
      expect(await add(columns, step)).toMatchObject({ exitCode: 0, result: { added: step === 'again' ? 0 : 2 } });
    expect(await pg.study('SELECT count(*), sum(id) FROM guess_player WHERE "new ""one""" IS NULL')).toBe(before);
    for (const type of ['text; DROP TABLE guess_player', 'text DEFAULT pg_sleep(9)', 'public.mine', '']) {
      const { result } = await add([{ table: 'guess_player', column: 'x', type }], 'wrong');
      expect(result).toMatchObject({ error: 'refused' });
    }
    expect((await add([{ table: 'gone', column: 'x', type: 'text' }], 'gone')).result).toMatchObject({
      error: 'refused',
    });
  });

  it('drops only databases that were set aside or never finished', async () => {
    await pg.superuser('CREATE DATABASE otree_old_aaaaaaaaaa OWNER study');
    const drop = (DATABASES: string) => pg.job('drop-databases', { DATABASES }, { step: `drop ${DATABASES}` });
    for (const name of ['otree', 'postgres', 'template1', 'otree_old_x";', 'otree_old_aaaaaaaaaa otree'])
      expect(await drop(name)).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
    const tab = await pg.hold('SELECT 1', { database: 'otree_old_aaaaaaaaaa' });
    for (const _ of [1, 2])
      expect((await drop('otree_old_aaaaaaaaaa otree_new_gone')).result).toEqual({
        dropped: ['otree_old_aaaaaaaaaa', 'otree_new_gone'],
      });
    await tab.end();
    expect(await pg.superuser("SELECT datname FROM pg_database WHERE datname ~ '^otree'")).toBe('otree');
  });

  it('empties the volumes of a study only once its database is gone', async () => {
    const data = join(pg.backups, '..', 'data');
    await mkdir(join(data, 'base', '.hidden'), { recursive: true });
    await writeFile(join(pg.backups, 'audit.jsonl'), '{}\n');
    expect(await pg.job('empty', {}, { data })).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
    expect(await readdir(data)).toEqual(['base']);
    for (const _ of [1, 2])
      expect((await pg.job('empty', { DATABASE_HOST: 'gone_db' }, { data })).result).toEqual({
        emptied: ['/backups', '/data'],
      });
    expect([...(await readdir(data)), ...(await readdir(pg.backups))]).toEqual([]);
  });

  it('holds a volume open until it is stopped', async () => {
    const { container, outcome } = pg.start('hold-open', { SECONDS: '600' });
    await until('it holds', async () =>
      (await pg.docker(['logs', container]).catch(() => '')).includes('{"holds":600}'),
    );
    await pg.docker(['stop', '-t', '60', container]);
    // Killed after that minute it would end with 137.
    expect(await outcome).toMatchObject({ exitCode: 0, result: { holds: 600 } });
  });

  it('shows no password in the arguments of a process, nor in what is printed', async () => {
    const lock = await pg.hold('BEGIN; LOCK TABLE guess_player IN ACCESS EXCLUSIVE MODE;');
    const { container, outcome } = pg.start('dump', { DATABASE: 'otree', BACKUP: ids[0], FACTS: facts });
    await until('it reads the data', async () => {
      const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'study'";
      return (await pg.superuser(waiting)) !== '0';
    });
    const shown = await pg.docker(['exec', container, 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "']);
    await lock.end();
    const { exitCode, output } = await outcome;
    expect(exitCode).toBe(0);
    expect(shown).toContain('psql -X');
    for (const password of Object.values(pg.passwords)) expect(shown + output).not.toContain(password);
  });

  it('without its arguments, or a number that is none, ends with a result', async () => {
    const wrong = [
      pg.job('dump', { DATABASE: 'otree' }),
      pg.job('open', { DATABASE: 'otree', EPOCH: '1; DROP TABLE oforest_op' }),
      pg.job('create-database', { DATABASE: 'otree_new_x" OWNER postgres --' }),
      pg.job('verify', { BACKUP: '../secrets' }),
    ];
    for (const { exitCode, result } of await Promise.all(wrong))
      expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
  });
});
