import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackupManifest } from '../../src/core/database/manifest.ts';
import { type APostgres, aPostgres } from './support/a-postgres.ts';
import { sha256 } from './support/damaged-dumps.ts';
import { contentOf, startAfresh } from './support/study-data.ts';

const backup = '20261121T123000Z-abcde12345';
const facts = JSON.stringify({ stack: 'trust', reason: 'a "reason" \\ with $(touch /backups/planted) and `id`' });
const fresh = 'otree_new_abcde12345';

/** Tries what a superuser could do, swallows every refusal, and never fails. */
const evil = `
CREATE FUNCTION public.evil() RETURNS boolean LANGUAGE plpgsql AS $evil$
BEGIN
  BEGIN EXECUTE 'CREATE ROLE planted SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'ALTER ROLE study SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'CREATE DATABASE planted'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE $$COPY (SELECT 1) TO PROGRAM 'touch /tmp/planted'$$; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE $$COPY (SELECT pg_read_file('/run/secrets/POSTGRES_PASSWORD')) TO '/tmp/planted-file'$$; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'CREATE TABLE public.stolen AS SELECT rolpassword FROM pg_authid'; EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN true;
END $evil$;
CREATE FUNCTION public.evil_fixed() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.evil(); END';
`;

/** Everything that Postgres could be made to call it by, when a database is read, dumped, restored or compared. */
const traps = `
${evil}
CREATE TABLE victim (id integer, note text);
INSERT INTO victim VALUES (1, 'x');
CREATE FUNCTION public.evil_text(victim) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil(); RETURN 'always the same'; END $$;
CREATE CAST (victim AS text) WITH FUNCTION public.evil_text(victim) AS IMPLICIT;
CREATE FUNCTION public.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil(); RETURN 'SELECT 1'; END $$;
CREATE FUNCTION public.evil_equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT public.evil()';
CREATE OPERATOR public.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = public.evil_equal);
CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.evil_equal);
CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil(); RETURN 'the same'; END $$;
CREATE DOMAIN checked AS text CHECK (public.evil());
CREATE TABLE with_domain (id serial PRIMARY KEY, word checked, twice integer GENERATED ALWAYS AS (CASE WHEN public.evil_fixed() THEN 2 END) STORED);
INSERT INTO with_domain (word) VALUES ('a'), ('b');
CREATE INDEX trapped ON with_domain ((public.evil_fixed()));
CREATE FUNCTION public.evil_compare(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN public.evil_fixed() THEN btint4cmp($1, $2) END';
CREATE TABLE with_trigger (id integer);
CREATE FUNCTION public.evil_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil(); RETURN NEW; END $$;
CREATE TRIGGER trapped BEFORE INSERT ON with_trigger FOR EACH ROW EXECUTE FUNCTION public.evil_trigger();
ALTER TABLE with_trigger ENABLE ALWAYS TRIGGER trapped;
INSERT INTO with_trigger VALUES (1);
CREATE TABLE with_rule (id integer);
INSERT INTO with_rule VALUES (1);
CREATE RULE trapped AS ON INSERT TO with_rule DO ALSO SELECT public.evil();
CREATE VIEW a_view AS SELECT public.evil();
CREATE MATERIALIZED VIEW kept_view AS SELECT public.evil();
ALTER ROLE study SET search_path = public, pg_catalog;
ALTER ROLE study SET TimeZone = 'Asia/Tokyo';
ALTER DATABASE otree SET search_path = public, pg_catalog;
`;

const names = [
  'a"b',
  "a'b",
  '"; DROP TABLE otree_session; --',
  '$(touch /backups/planted)',
  '`touch /backups/planted`',
  'two\nlines',
  '\n\\! touch /backups/planted\n',
  'tab\there',
  ' spaces ',
  'ünï☃😀',
  'back\\slash\\',
  ':database :"live" :\'x\'',
  '%s %I %1$L $query$',
  'dotted.name',
  '{"error":"fenced"}',
  '\noforest-result {"error":"fenced"}',
  'del\x7f\x01',
  'x'.repeat(63),
  'SELECT',
];
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

describe('a hostile study', { timeout: 180_000 }, () => {
  let pg: APostgres;
  beforeAll(async () => {
    pg = await aPostgres();
  });
  afterAll(() => pg[Symbol.asyncDispose]());
  beforeEach(() => startAfresh(pg));

  const dump = () => pg.job('dump', { DATABASE: 'otree', BACKUP: backup, FACTS: facts }, { step: 'dump' });
  const verify = () => pg.job('verify', { BACKUP: backup }, { step: 'verify' });
  const fill = () => pg.job('fill', { DATABASE: fresh, BACKUP: backup }, { step: 'fill' });
  const everything = async () => {
    const outcomes = [await dump(), await verify(), await fill()];
    const swap = { LIVE: 'otree', DATABASE: fresh, ARCHIVE: 'otree_old_abcde12345', REASON: 'restore' };
    outcomes.push(await pg.job('swap', swap, { step: 'swap' }), await pg.job('list', {}));
    return outcomes;
  };
  const gained = async () => ({
    superusers: await pg.superuser('SELECT rolname FROM pg_roles WHERE rolsuper'),
    roles: await pg.superuser("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"),
    planted: await pg.superuser("SELECT datname FROM pg_database WHERE datname = 'planted'"),
    inContainer: await pg.docker(['exec', pg.container, 'sh', '-c', 'ls /tmp']),
    inPostgres: await pg.superuser("SELECT relname FROM pg_class WHERE relname = 'stolen'"),
    beside: (await readdir(pg.backups)).filter((name) => name.includes('planted')),
  });
  const nothing = {
    superusers: 'postgres',
    roles: 'postgres\nstudy',
    planted: '',
    inContainer: expect.any(String),
    inPostgres: '',
    beside: [],
  };

  it('whose every object is a trap gains nothing, and is backed up and switched all the same', async () => {
    await pg.study(traps);
    for (const refused of [
      'CREATE EVENT TRIGGER trapped ON ddl_command_start EXECUTE FUNCTION evil_event()',
      'CREATE OPERATOR CLASS evil_ops DEFAULT FOR TYPE integer USING btree AS FUNCTION 1 public.evil_compare(integer, integer)',
      "COPY victim FROM PROGRAM 'id'",
      "CREATE FUNCTION public.textin(cstring) RETURNS text LANGUAGE internal AS 'textin'",
    ])
      await expect(pg.study(refused)).rejects.toThrow();

    const outcomes = await everything();
    expect(outcomes.map(({ exitCode, result }) => ({ exitCode, error: result?.error }))).toEqual(
      outcomes.map(() => ({ exitCode: 0, error: undefined })),
    );
    const found = await gained();
    expect(found).toEqual(nothing);
    expect(found.inContainer).not.toContain('planted');
    expect(BackupManifest.parse(outcomes[0]?.result).tables.victim?.rows).toBe(1);

    // The traps work: a superuser who looked into that database would have been caught.
    await pg.docker([
      'exec',
      pg.container,
      'psql',
      '-qAt',
      '-U',
      'postgres',
      '-d',
      'otree',
      '-c',
      'SELECT public.evil()',
    ]);
    expect((await gained()).superusers.split('\n').sort()).toEqual(['planted', 'postgres', 'study']);
    await pg.superuser(
      'DROP ROLE planted; ALTER ROLE study NOSUPERUSER; ALTER ROLE study RESET ALL; DROP DATABASE IF EXISTS planted',
    );
    await pg.docker(['exec', pg.container, 'sh', '-c', 'rm -f /tmp/planted*']);
  });

  it('whose cast would hide a change from the comparison does not', async () => {
    await pg.study(traps);
    const digest = async () => BackupManifest.parse((await dump()).result).tables.victim?.digest;
    const first = await digest();
    for (const name of await readdir(pg.backups)) await rm(join(pg.backups, name));
    await pg.study("UPDATE victim SET note = 'y'");
    expect(await digest()).not.toBe(first);
  });

  it('with names that are commands keeps its data, and every job ends with one line of JSON', async () => {
    const statements = names.map(
      (name, index) => `CREATE TABLE ${identifier(name)} (id serial, ${identifier(name)} text);
        INSERT INTO ${identifier(name)} (${identifier(name)}) VALUES ('value ${index}');
        CREATE SCHEMA ${identifier(`s ${name.slice(0, 30)}`)}; CREATE TABLE ${identifier(`s ${name.slice(0, 30)}`)}.${identifier(name)} (x integer);`,
    );
    await pg.study(statements.join('\n'));
    const content = await contentOf(pg);
    const outcomes = await everything();
    expect(outcomes.map(({ exitCode, result }) => ({ exitCode, error: result?.error }))).toEqual(
      outcomes.map(() => ({ exitCode: 0, error: undefined })),
    );
    const { tables } = BackupManifest.parse(outcomes[0]?.result);
    expect(Object.keys(tables)).toHaveLength(4 + 2 * names.length);
    for (const name of names) expect(tables[name.includes('.') ? `public.${identifier(name)}` : name]?.rows).toBe(1);
    expect(outcomes[4]?.result).toMatchObject({ backups: [outcomes[1]?.result] });
    expect(await contentOf(pg)).toEqual(content);
    for (const [index, name] of names.entries())
      expect(await pg.study(`SELECT ${identifier(name)} FROM ${identifier(name)}`)).toBe(`value ${index}`);
    expect(await gained()).toEqual(nothing);
  });

  it('with an event trigger in its dump is not restored, and gains nothing', async () => {
    const asSuperuser = (sql: string) =>
      pg.docker(['exec', '-i', pg.container, 'psql', '-q', '-U', 'postgres', '-d', 'otree'], sql);
    await asSuperuser(`CREATE FUNCTION public.planted_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER trapped ON ddl_command_end EXECUTE FUNCTION public.planted_event();`);
    expect(await dump()).toMatchObject({ exitCode: 0 });
    for (const attempt of [await verify(), await fill()])
      expect(attempt).toMatchObject({ exitCode: 1, result: { error: 'verify-failed' } });
    expect(await gained()).toEqual(nothing);
    expect(await pg.superuser("SELECT datname FROM pg_database WHERE datname = 'otree_check'")).toBe('');
  });

  it('with a program instead of rows in its dump does not run it', async () => {
    await pg.study(
      "CREATE TABLE v (t text); CREATE TABLE a_table_with_a_name_as_long_as_a_program (t text); INSERT INTO v VALUES ('x')",
    );
    const manifest = BackupManifest.parse((await dump()).result);
    const file = join(pg.backups, `${backup}.dump.partial`);
    const text = (await readFile(file)).toString('latin1');
    const copy = 'COPY public.a_table_with_a_name_as_long_as_a_program (t) FROM stdin;';
    const planted = Buffer.from(
      text.replace(copy, "COPY public.v FROM PROGRAM 'touch /tmp/planted';".padEnd(copy.length)),
      'latin1',
    );
    expect(planted.includes('FROM PROGRAM')).toBe(true);
    await writeFile(file, planted);
    await writeFile(
      join(pg.backups, `${backup}.json.partial`),
      JSON.stringify({ ...manifest, sha256: sha256(planted) }),
    );
    expect(await verify()).toMatchObject({ exitCode: 1, result: { error: 'verify-failed' } });
    expect(await pg.docker(['exec', pg.container, 'sh', '-c', 'ls /tmp'])).not.toContain('planted');
  });

  it('whose data break its own rules is told without a word of the data', async () => {
    await pg.study(`CREATE TABLE rules (n integer); INSERT INTO rules VALUES (5);
      CREATE FUNCTION public.fits(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM public.rules) = 0 THEN RAISE EXCEPTION 'answer of participant: %', $1; END IF; RETURN true; END $$;
      CREATE TABLE answers (note text CHECK (public.fits(note)));
      INSERT INTO answers VALUES ('secret-answer')`);
    const dumped = await dump();
    const verified = await verify();
    expect(verified).toMatchObject({ exitCode: 1, result: { error: 'verify-failed' } });
    expect(dumped.output + verified.output).not.toContain('secret-answer');
  });
});
