import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { APostgres } from './a-postgres.ts';

/** Tables with the types that oTree's have, and a few that apps bring. */
const tables = `
CREATE TABLE otree_session (id serial PRIMARY KEY, code varchar UNIQUE, is_demo boolean, _created integer, config text);
CREATE TABLE otree_participant (id serial PRIMARY KEY, session_id integer REFERENCES otree_session (id), code varchar(16) UNIQUE,
  payoff double precision, _is_bot boolean NOT NULL DEFAULT false, time_started_utc text, vars bytea);
CREATE INDEX ix_participant_session ON otree_participant (session_id);
CREATE TABLE guess_player (id serial PRIMARY KEY, participant_id integer REFERENCES otree_participant (id), round_number integer,
  guess numeric(10,3), at timestamptz, state text, ratio real, length interval, tags text[], CHECK (round_number > 0));
CREATE TABLE empty_app (id bigserial PRIMARY KEY, note text);
`;

/** The live database as new, and no backups: what each test of jobs begins with. */
export async function startAfresh(pg: APostgres): Promise<void> {
  for (const name of await readdir(pg.backups)) await rm(join(pg.backups, name), { recursive: true });
  await newStudy(pg);
}

/** The live database as new, with so many participants and rounds, and nothing written down of earlier operations. */
export async function newStudy(
  { superuser, study }: APostgres,
  { participants = 20, rounds = 10 }: { participants?: number; rounds?: number } = {},
): Promise<void> {
  const others = await superuser("SELECT datname FROM pg_database WHERE datname ~ '^otree'");
  for (const name of others.split('\n')) await superuser(`DROP DATABASE "${name}" WITH (FORCE)`);
  await superuser('DROP TABLE IF EXISTS oforest_op, oforest_archive');
  await superuser('CREATE DATABASE otree OWNER study');
  await superuser('REVOKE ALL ON DATABASE otree FROM PUBLIC');
  await study(`${tables}
INSERT INTO otree_session (code, is_demo, _created, config) VALUES ('sess1', false, 1790000000, 'gASVNw==');
INSERT INTO otree_participant (session_id, code, payoff, time_started_utc, vars)
  SELECT 1, substr(md5(i::text), 1, 8), i / 3.0::float8, '2026-11-21 12:00:00', decode(md5(i::text), 'hex')
  FROM generate_series(1, ${participants}) AS i;
INSERT INTO guess_player (participant_id, round_number, guess, at, state, ratio, length, tags)
  SELECT p, r, random() * 100, now() + r * interval '1 s', '{"answer": "ä\\\\n' || md5(random()::text) || '"}', random(),
    r * interval '1 min', ARRAY['a', NULL, 'b,"c']
  FROM generate_series(1, ${participants}) AS p, generate_series(1, ${rounds}) AS r;`);
}

/** What the study holds, told by other means than the scripts': a hash of the sorted rows of every table of ours. */
export async function contentOf({ study }: APostgres, database = 'otree'): Promise<Record<string, string>> {
  const names = ['otree_session', 'otree_participant', 'guess_player', 'empty_app'];
  const sums = names.map(
    (name) =>
      `SELECT '${name} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY id)), '') FROM ${name} t`,
  );
  const lines = (await study(`SET TimeZone = 'UTC'; ${sums.join(' UNION ALL ')}`, database)).split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', line]));
}
