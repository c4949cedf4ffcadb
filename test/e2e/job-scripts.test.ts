import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackupManifest } from '../../src/core/database/manifest.ts';
import { type APostgres, aPostgres, type JobOptions } from './support/a-postgres.ts';
import { sha256, verifyEach, writeDamaged } from './support/damaged-dumps.ts';
import { contentOf, newStudy, startAfresh } from './support/study-data.ts';
import { until } from './support/until.ts';

const backup = '20261121T123000Z-abcde12345';
const facts = JSON.stringify({ stack: 'trust', experiment: 'trust', reason: 'asked' });
const fresh = 'otree_new_abcde12345';
const archive = 'otree_old_abcde12345';
const toFresh = { LIVE: 'otree', DATABASE: fresh, ARCHIVE: archive, REASON: 'reset' };

describe('the scripts of jobs', { timeout: 120_000 }, () => {
  let pg: APostgres;
  beforeAll(async () => {
    pg = await aPostgres();
  });
  afterAll(() => pg[Symbol.asyncDispose]());
  beforeEach(() => startAfresh(pg));

  const dump = (id = backup, options?: JobOptions) =>
    pg.job('dump', { DATABASE: 'otree', BACKUP: id, FACTS: facts }, { step: 'dump', ...options });
  const verify = (id = backup, options?: JobOptions) =>
    pg.job('verify', { BACKUP: id }, { step: 'verify', ...options });
  const swap = (options?: JobOptions) => pg.job('swap', toFresh, { step: 'swap', ...options });
  const createFresh = async () => {
    expect(await pg.job('create-database', { DATABASE: fresh }, { step: 'create' })).toMatchObject({ exitCode: 0 });
    await pg.study('CREATE TABLE otree_participant (id serial PRIMARY KEY)', fresh);
  };
  const databases = async () =>
    (
      await pg.superuser("SELECT datname || ' ' || datallowconn FROM pg_database WHERE datname ~ '^otree' ORDER BY 1")
    ).split('\n');
  const waiting = (application: string) =>
    until(`${application} waits for a lock`, async () => {
      const sql = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '${application}'`;
      return (await pg.superuser(sql)) !== '0';
    });
  const held = async (name: string) => await readFile(join(pg.backups, name));

  describe('a backup', () => {
    it('is one moment of the data while people go on writing, and is proved by a restore', async () => {
      await pg.study('CREATE TABLE writes (id serial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())');
      const writes = pg.study(`DO $$ BEGIN FOR i IN 1..50000 LOOP EXIT WHEN to_regclass('public.enough') IS NOT NULL;
        INSERT INTO writes DEFAULT VALUES; DELETE FROM writes WHERE id = i - 50; COMMIT; PERFORM pg_sleep(0.001);
        END LOOP; END $$`);
      await until('the writer writes', async () => Number(await pg.study('SELECT max(id) FROM writes')) > 20);

      const dumped = await dump();
      const verified = await verify();
      await pg.study('CREATE TABLE enough ()');
      await writes;

      const manifest = BackupManifest.parse(dumped.result);
      expect(manifest).toMatchObject({ id: backup, stack: 'trust', participants: 20, sessions: 1, database: 'otree' });
      expect(manifest.tables.guess_player?.rows).toBe(200);
      const [before, after] = manifest.sequences?.writes_id_seq ?? [];
      expect(Number(after)).toBeGreaterThan(Number(before));
      expect(verified).toMatchObject({ exitCode: 0, result: { ...manifest, verifiedAt: expect.any(String) } });
      expect((await readdir(pg.backups)).sort()).toEqual([`${backup}.dump`, `${backup}.json`]);
      expect(sha256(await held(`${backup}.dump`))).toBe(manifest.sha256);
      expect(await databases()).toEqual(['otree true']);
    });

    it('is not made twice, nor proved twice, by the same operation', async () => {
      const [first, second] = [await dump(), await dump()];
      expect(second).toEqual(first);
      const proved = await verify();
      const { mtimeMs } = await stat(join(pg.backups, `${backup}.json`));
      expect(await verify()).toEqual(proved);
      expect((await stat(join(pg.backups, `${backup}.json`))).mtimeMs).toBe(mtimeMs);
      expect(await dump()).toEqual(proved);
    });

    it('is proved again by a later operation', async () => {
      await dump();
      await verify();
      expect(await verify(backup, { operation: 'drill00001' })).toMatchObject({ exitCode: 0 });
      await writeFile(join(pg.backups, `${backup}.dump`), (await held(`${backup}.dump`)).subarray(0, 5000));
      expect(await verify(backup, { operation: 'drill00002' })).toMatchObject({
        exitCode: 1,
        result: { error: 'backup-damaged' },
      });
    });

    it('comes back equal in a new database, and again when it was cut off in between', async () => {
      await dump();
      await verify();
      await createFresh();
      const content = await contentOf(pg);
      const fill = () => pg.job('fill', { DATABASE: fresh, BACKUP: backup, STACK: 'trust' }, { step: 'fill' });
      const filled = await fill();
      expect(filled).toMatchObject({ exitCode: 0, result: { database: fresh, tables: 4, rows: 221 } });
      expect(await contentOf(pg, fresh)).toEqual(content);
      await pg.study("INSERT INTO empty_app (note) VALUES ('later')", fresh);
      expect(await fill()).toEqual(filled);
      expect(await pg.study('SELECT count(*) FROM empty_app', fresh)).toBe('1');

      await pg.superuser("DELETE FROM oforest_op WHERE step = 'fill'");
      expect(await fill()).toEqual(filled);
      expect(await contentOf(pg, fresh)).toEqual(content);
    });

    it('of another study is refused, unless that is what was asked for', async () => {
      await dump();
      const fill = (variables: Record<string, string>) =>
        pg.job('fill', { DATABASE: fresh, BACKUP: backup, STACK: 'dictator', ...variables }, { step: 'fill' });
      expect(await fill({})).toMatchObject({ exitCode: 1, result: { error: 'backup-foreign' } });
      expect(await databases()).toEqual(['otree true']);
      expect(await fill({ FOREIGN_OK: '1' })).toMatchObject({ exitCode: 0, result: { rows: 221 } });
    });

    it('that is not there, and a database that is not there, are told', async () => {
      expect(await verify()).toMatchObject({ exitCode: 1, result: { error: 'backup-missing' } });
      await pg.superuser('ALTER DATABASE otree RENAME TO otree_old_gone');
      expect(await dump()).toMatchObject({ exitCode: 1, result: { error: 'database-missing' } });
      expect(await readdir(pg.backups)).toEqual([]);
    });
  });

  const long = process.env.OFOREST_LONG === '1';
  it(`finds every one of ${long ? '1,000' : '60 (1,000 with OFOREST_LONG=1)'} damaged dumps`, {
    timeout: 1_800_000,
  }, async () => {
    await newStudy(pg, { participants: 100, rounds: 20 });
    const read = async (id: string) => {
      const { result } = await dump(id, { operation: id.slice(-10) });
      return { dump: await held(`${id}.dump.partial`), manifest: BackupManifest.parse(result) };
    };
    const whole = await read('20261121T123000Z-abcde00001');
    await pg.study('UPDATE guess_player SET ratio = ratio + 1 WHERE id = 7');
    const other = await read('20261121T123000Z-abcde00002');
    const content = await contentOf(pg);
    const damaged = await writeDamaged([whole, other], { folder: pg.backups, count: long ? 1000 : 60, seed: 42 });
    const before = (await readdir(pg.backups)).sort();

    const told = await verifyEach(pg, damaged);
    expect(
      damaged.filter(({ id, error }) => told.get(id) !== error).map((one) => ({ ...one, told: told.get(one.id) })),
    ).toEqual([]);
    expect(new Set(damaged.map(({ kind }) => kind)).size).toBe(12);
    expect((await readdir(pg.backups)).sort()).toEqual(before);
    expect(await databases()).toEqual(['otree true']);
    expect(await contentOf(pg)).toEqual(content);
    expect(await verify('20261121T123000Z-abcde00001')).toMatchObject({ exitCode: 0 });
  });

  describe('a disk that is full', () => {
    const volume = async (
      megabytes: number,
      use: (name: string, inside: (script: string) => Promise<string>) => Promise<void>,
    ) => {
      const name = `${pg.container}-small`;
      await pg.docker([
        'volume',
        'create',
        '--opt',
        'type=tmpfs',
        '--opt',
        'device=tmpfs',
        '--opt',
        `o=size=${megabytes}m`,
        name,
      ]);
      const holder = pg.start('hold-open', { SECONDS: '300' }, { backups: name });
      try {
        const inside = (script: string) => pg.docker(['exec', holder.container, 'sh', '-c', script]);
        await until('the volume is held', () =>
          inside('true').then(
            () => true,
            () => false,
          ),
        );
        await use(name, inside);
      } finally {
        await pg.docker(['rm', '-f', holder.container]);
        await holder.outcome;
        await pg.docker(['volume', 'rm', name]);
      }
    };

    it('is told before anything is written', async () => {
      await volume(24, async (backups, inside) => {
        const { exitCode, result } = await dump(backup, { backups });
        expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { error: 'no-space' } });
        expect(await inside('ls /backups')).toBe('');
      });
    });

    it('during the dump leaves no part of it, and the earlier backup whole', async () => {
      await volume(64, async (backups, inside) => {
        const earlier = '20261120T123000Z-abcde00000';
        await dump(earlier, { backups });
        await verify(earlier, { backups });
        const files = await inside('cd /backups && sha256sum *');
        const content = await contentOf(pg);
        await pg.study('INSERT INTO empty_app (note) SELECT md5(random()::text) FROM generate_series(1, 50000)');
        const lock = await pg.hold('BEGIN; LOCK TABLE guess_player IN ACCESS EXCLUSIVE MODE;');
        const { outcome } = pg.start('dump', { DATABASE: 'otree', BACKUP: backup, FACTS: facts }, { backups });
        await waiting('oforest-job-1');
        await inside(
          'dd if=/dev/zero of=/backups/filler bs=64k count=$(($(df -Pk /backups | awk "NR == 2 { print \\$4 }") / 64 - 8)) 2>/dev/null',
        );
        await lock.end();
        expect(await outcome).toMatchObject({
          exitCode: 1,
          result: { error: 'dump-failed', why: expect.stringContaining('full') },
        });
        expect(await inside('cd /backups && rm filler && sha256sum *')).toBe(files);
        expect({ ...(await contentOf(pg)), empty_app: content.empty_app }).toEqual(content);
        expect(await dump(backup, { backups })).toMatchObject({ exitCode: 0 });
      });
    });
  });

  describe('a switch of databases', () => {
    it('sets the rows aside and brings them back equal', async () => {
      await createFresh();
      const content = await contentOf(pg);
      const swapped = await swap();
      expect(swapped).toMatchObject({ exitCode: 0, result: { live: 'otree', archive } });
      expect(await pg.study('SELECT count(*) FROM otree_participant')).toBe('0');
      expect(await databases()).toEqual(['otree true', `${archive} false`]);
      await expect(pg.study(`DROP DATABASE ${archive}`)).rejects.toThrow('must be owner');
      expect(await swap()).toEqual(swapped);

      const undo = { LIVE: 'otree', DATABASE: archive, ARCHIVE: 'otree_old_undo000001', REASON: 'undo' };
      expect(await pg.job('swap', undo, { operation: 'undo000001', step: 'swap' })).toMatchObject({ exitCode: 0 });
      expect(await contentOf(pg)).toEqual(content);
      expect(await databases()).toEqual(['otree true', 'otree_old_undo000001 false']);
      const kept = "SELECT database || ' ' || operation || ' ' || reason FROM oforest_archive";
      expect(await pg.superuser(kept)).toBe('otree_old_undo000001 undo000001 undo');
    });

    it('ends the connections that are open, also one in a transaction', async () => {
      await createFresh();
      const tab = await pg.hold('BEGIN; UPDATE otree_participant SET payoff = 0;');
      expect(await swap()).toMatchObject({ exitCode: 0 });
      await tab.end();
    });

    it('without one of the two is refused and leaves the other open', async () => {
      expect(await swap()).toMatchObject({ exitCode: 1, result: { error: 'database-missing' } });
      expect(await databases()).toEqual(['otree true']);
    });

    it('killed between forbidding and switching is finished by a second run', async () => {
      await createFresh();
      const content = await contentOf(pg);
      await killedHalfWay();
      expect(await databases()).toEqual(['otree false', `${fresh} false`]);
      expect(await swap({ epoch: 2 })).toMatchObject({ exitCode: 0, result: { archive } });
      expect(await databases()).toEqual(['otree true', `${archive} false`]);
      await pg.superuser(`ALTER DATABASE ${archive} WITH ALLOW_CONNECTIONS true`);
      await pg.superuser(`ALTER DATABASE ${archive} OWNER TO study`);
      expect(await contentOf(pg, archive)).toEqual(content);
    });

    it('killed between forbidding and switching is undone by opening', async () => {
      await createFresh();
      const content = await contentOf(pg);
      await killedHalfWay();
      expect(await pg.job('open', { DATABASE: 'otree' }, { step: 'open' })).toMatchObject({ exitCode: 0 });
      expect(await contentOf(pg)).toEqual(content);
    });

    it('killed once it is committed is told as done by a second run', async () => {
      await createFresh();
      const { container, outcome } = pg.start('swap', toFresh, { step: 'swap' });
      await until('the names are switched', async () => (await databases()).includes(`${archive} false`));
      await pg.docker(['kill', container]).catch(() => {});
      await outcome.catch(() => {});
      expect(await swap({ epoch: 2 })).toMatchObject({ exitCode: 0, result: { live: 'otree', archive } });
      expect(await databases()).toEqual(['otree true', `${archive} false`]);
    });

    it('is told by opening, when this operation did it and nobody heard', async () => {
      await createFresh();
      await pg.job('swap', toFresh, { step: 'swap-databases' });
      const asked = { step: 'reopen-database' };
      expect(await pg.job('open', { DATABASE: 'otree' }, asked)).toMatchObject({
        exitCode: 0,
        result: { switched: true },
      });
      expect(await databases()).toEqual(['otree true', `${archive} false`]);
      const other = await pg.job('open', { DATABASE: 'otree' }, { ...asked, operation: 'another001' });
      expect(other).toMatchObject({ exitCode: 0, result: { database: 'otree' } });
    });

    it('does not open what was set aside', async () => {
      await createFresh();
      await swap();
      const opened = await pg.job('open', { DATABASE: archive }, { step: 'open' });
      expect(opened).toMatchObject({ exitCode: 1, result: { error: 'refused' } });
    });

    async function killedHalfWay() {
      await pg.superuser(
        'CREATE TABLE IF NOT EXISTS oforest_archive (database text PRIMARY KEY, operation text NOT NULL, reason text NOT NULL, at timestamptz NOT NULL DEFAULT now())',
      );
      const lock = await pg.hold('BEGIN; LOCK TABLE oforest_archive;', { database: 'postgres', user: 'postgres' });
      const { container, outcome } = pg.start('swap', toFresh, { step: 'swap' });
      await waiting('oforest-job-1');
      await pg.docker(['kill', container]);
      await outcome;
      await pg.superuser(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'oforest-job-1'",
      );
      await lock.end();
    }
  });

  describe('the fence', () => {
    it('refuses whoever held the study before, in every script that changes something', async () => {
      expect(await pg.job('fence', {}, { operation: 'taker00001', epoch: 5 })).toMatchObject({
        exitCode: 0,
        result: { epoch: 5 },
      });
      await dump(backup, { epoch: 5 });
      const attempts = await Promise.all([
        dump('20261121T123000Z-later00000', { epoch: 4 }),
        verify(backup, { epoch: 4 }),
        swap({ epoch: 4 }),
        pg.job('create-database', { DATABASE: fresh }, { epoch: 4 }),
        pg.job('fill', { DATABASE: fresh, BACKUP: backup }, { epoch: 4 }),
        pg.job('open', { DATABASE: 'otree' }, { epoch: 4 }),
        pg.job('drop-databases', { DATABASES: archive }, { epoch: 4 }),
        pg.job('drop-backups', { BACKUPS: backup }, { epoch: 4 }),
        pg.job(
          'add-columns',
          { DATABASE: 'otree', COLUMNS: '[{"table":"empty_app","column":"x","type":"text"}]' },
          { epoch: 4 },
        ),
        pg.job('fence', {}, { epoch: 4 }),
      ]);
      for (const { exitCode, result } of attempts)
        expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { error: 'fenced' } });
      expect(await databases()).toEqual(['otree true']);
      expect((await readdir(pg.backups)).sort()).toEqual([`${backup}.dump.partial`, `${backup}.json.partial`]);
    });

    it('ends a holder that sleeps within its switch, which then changes nothing when it wakes', async () => {
      await createFresh();
      const content = await contentOf(pg);
      await pg.job('open', { DATABASE: 'otree' }, { step: 'open' });
      const lock = await pg.hold('BEGIN; LOCK TABLE oforest_archive;', { database: 'postgres', user: 'postgres' });
      const { container, outcome } = pg.start('swap', toFresh, { step: 'swap' });
      await waiting('oforest-job-1');
      await pg.docker(['pause', container]);
      expect(await pg.job('fence', {}, { operation: 'taker00001', epoch: 2 })).toMatchObject({ exitCode: 0 });
      await lock.end();
      await pg.docker(['unpause', container]);
      expect(await outcome).toMatchObject({ exitCode: 1 });
      expect(await databases()).toEqual(['otree false', `${fresh} false`]);
      expect(
        await pg.job('open', { DATABASE: 'otree' }, { operation: 'taker00001', step: 'open', epoch: 2 }),
      ).toMatchObject({ exitCode: 0 });
      expect(await contentOf(pg)).toEqual(content);
    });
  });
});
