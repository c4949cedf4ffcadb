import type { Database } from '../database/database.ts';
import type { PostgresCluster } from '../database/postgres-cluster.ts';
import { PostgresError } from '../database/postgres-error.ts';
import type { Row, Table } from '../database/table.ts';
import { scriptIn } from './otree-scripts.ts';
import { configOf } from './otree-tables.ts';
import type { Outcome } from './program.ts';

interface Asked {
  readonly cluster: PostgresCluster;
  /** As role study, over the socket: without a password. */
  readonly database: Database;
  /** What follows the name of the database. */
  readonly words: readonly string[];
  /** Unix seconds. */
  readonly now: number;
}
type Reading = (asked: Asked) => unknown;

const readings: Readonly<Record<string, Reading>> = { participants, schema, progress, rows };

/** What our reading scripts print beside a server; undefined for words that are none of them. */
export function readDatabase(
  cluster: PostgresCluster | undefined,
  words: readonly string[],
  nowMs: number,
): Outcome | undefined {
  const script = scriptIn(words) ?? '';
  const reading = readings[script];
  if (!reading && script !== 'archives') return undefined;
  const [, , , , name = '', ...rest] = words;
  try {
    if (!cluster) throw new PostgresError('08006', 'No such file or directory');
    if (!reading) return result(archives(cluster));
    const connection = cluster.connect({ database: name, role: 'study' });
    connection.close();
    return result(reading({ cluster, database: connection.database, words: rest, now: Math.floor(nowMs / 1000) }));
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    const on = 'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed';
    const fatal = error.sqlState === '08006' ? '' : 'FATAL:  ';
    return { exitCode: 2, stdout: '', stderr: `psql: error: ${on}: ${fatal}${error.message}\n` };
  }
}

const result = (value: unknown): Outcome => ({
  exitCode: 0,
  stdout: `oforest-result ${JSON.stringify(value)}\n`,
  stderr: '',
});

const daySeconds = 86_400;
const rowsOf = (database: Database, table: string) => database.tables.get(table)?.rows ?? [];

/** `participants` DATABASE IDLE_SECONDS: everybody who was seen in the last day, in one number at most. */
function participants({ database, words, now }: Asked) {
  const idle = Number(words[0]);
  const sessions = new Map(rowsOf(database, 'otree_session').map((session) => [session.id, session]));
  const dues = timeouts(database, now);
  const people = rowsOf(database, 'otree_participant').flatMap((row) => {
    const [page, last] = [Number(row._index_in_pages), Number(row._max_page_index)];
    const moved = Math.max(0, Number(row._last_request_timestamp), Number(row._last_page_timestamp));
    const due = dues.get(`${row.code} ${page}`);
    const isSeen = moved > now - Math.max(daySeconds, idle) || due !== undefined;
    if (!row.visited || page > last || !isSeen) return [];
    const isActive = moved > now - idle || due !== undefined;
    const isDone = Boolean(row.status) || sessions.get(row.session_id ?? null)?.is_demo === true;
    const isApart = isDone || row._is_bot === true || row.is_browser_bot === true;
    return [{ moved, due, kind: isApart ? 'apart' : kindOf(row, { isActive, isOnLast: page === last && last > 1 }) }];
  });
  const count = (kind: string) => people.filter((one) => one.kind === kind).length;
  const inSession = people.filter(({ kind }) => kind === 'onPage' || kind === 'waiting');
  const due = inSession.flatMap((one) => (one.due === undefined ? [] : [Math.max(0, one.due - now)]));
  return {
    now,
    tables: database.tables.has('otree_participant'),
    ...Object.fromEntries(kinds.map((kind) => [kind, count(kind)])),
    newestMoveSeconds: least(inSession.map(({ moved }) => Math.max(0, now - moved))),
    longestTimeoutSeconds: due.length > 0 ? Math.max(...due) : null,
  };
}

const kinds = ['onPage', 'waiting', 'waitingConnected', 'lastPage', 'lastPageSilent', 'silent', 'apart'] as const;

function kindOf(row: Row, { isActive, isOnLast }: { isActive: boolean; isOnLast: boolean }): (typeof kinds)[number] {
  if (isOnLast) return isActive ? 'lastPage' : 'lastPageSilent';
  const isWaiting = row.is_on_wait_page === true;
  if (isActive) return isWaiting ? 'waiting' : 'onPage';
  return isWaiting && row._waitpage_is_connected === true ? 'waitingConnected' : 'silent';
}

/** When a page of a participant is over, by code and page, unless that is long past. */
function timeouts(database: Database, now: number): Map<string, number> {
  const dues = new Map<string, number>();
  for (const { method, kwargs_json, epoch_time } of rowsOf(database, 'otree_taskqueuemessage')) {
    if (method !== 'submit_expired_url' || Number(epoch_time) <= now - 60) continue;
    const { participant_code, page_index } = JSON.parse(String(kwargs_json));
    const key = `${participant_code} ${page_index}`;
    dues.set(key, Math.max(Number(epoch_time), dues.get(key) ?? 0));
  }
  return dues;
}

const least = (numbers: readonly number[]) => (numbers.length > 0 ? Math.min(...numbers) : null);

/** Columns that point to a row of another table, as oTree makes them. */
const references = ['session_id', 'participant_id', 'subsession_id', 'group_id'];

function schema({ database }: Asked) {
  const tables = byName([...database.tables.values()]).map(({ name, columns }) => ({
    name,
    kind: 'table',
    columns: [...columns].map(([column, type]) => ({
      name: column,
      type,
      ...(column === 'id' && { notNull: true, hasDefault: true }),
      ...(references.includes(column) && { references: true }),
    })),
  }));
  return { tables };
}

/** Where unfinished participants are, per session: neither demo nor bots. */
function progress({ database }: Asked) {
  const sessions = rowsOf(database, 'otree_session').flatMap((session) => {
    const people = rowsOf(database, 'otree_participant').filter(
      (one) =>
        one.session_id === session.id &&
        Number(one._index_in_pages) <= Number(one._max_page_index) &&
        one._is_bot !== true &&
        one.is_browser_bot !== true &&
        !one.status,
    );
    if (people.length === 0 || session.is_demo === true) return [];
    const total = Math.max(...people.map((one) => Number(one._max_page_index)));
    return [{ id: session.id, total, places: placesOf(people), rounds: roundsOf(database, session) }];
  });
  return { sessions };
}

function placesOf(people: readonly Row[]) {
  const places = new Map<string, { index: number; people: number }>();
  for (const { _index_in_pages, _current_app_name: app, _current_page_name: page, _round_number: round } of people) {
    const place = {
      index: Number(_index_in_pages),
      ...(app && { app }),
      ...(page && { page }),
      ...(round && { round }),
    };
    const key = JSON.stringify(place);
    places.set(key, { ...place, people: (places.get(key)?.people ?? 0) + 1 });
  }
  return [...places.values()].sort((one, other) => one.index - other.index);
}

function roundsOf(database: Database, session: Row): Record<string, number> {
  const ofApps = [...database.tables.values()].filter(({ name }) => name.endsWith('_subsession'));
  const rounds = ofApps.flatMap(({ name, rows: all }): [string, number][] => {
    const own = all.filter(({ session_id }) => session_id === session.id);
    const last = Math.max(0, ...own.map(({ round_number }) => Number(round_number)));
    return last > 0 ? [[name.replace(/_subsession$/, ''), last]] : [];
  });
  return Object.fromEntries(rounds);
}

/** `rows` DATABASE WANTED: how many there are, and how many with something in a column. */
function rows({ database, words }: Asked) {
  const wanted = JSON.parse(words[0] ?? '[]') as { table: string; columns: string[] }[];
  const counted = wanted.map(({ table, columns }): [string, unknown] => {
    const all = database.table(table).rows;
    const filled = (column: string) => all.filter((row) => row[column] !== null && row[column] !== '').length;
    return [table, { rows: all.length, filled: Object.fromEntries(columns.map((name) => [name, filled(name)])) }];
  });
  return Object.fromEntries(counted);
}

/** What was set aside, newest first. */
function archives(cluster: PostgresCluster) {
  const kept = cluster.find('postgres').tables.get('oforest_archive')?.rows ?? [];
  const known = kept.flatMap(({ database, operation, reason, at }) => {
    const found = cluster.database(String(database));
    return found ? [{ database, operation, reason, at: String(at), bytes: found.bytes }] : [];
  });
  return known.sort((one, other) => (one.at < other.at ? 1 : -1));
}

/** What was stored with each session that is not done, as the study's own Python reads it. */
export function storedSessions(database: Database): Record<string, { config: string; apps: readonly string[] }> {
  const unfinished = new Set(
    rowsOf(database, 'otree_participant')
      .filter((one) => Number(one._index_in_pages) <= Number(one._max_page_index))
      .map(({ session_id }) => session_id),
  );
  const sessions = rowsOf(database, 'otree_session').filter(({ id }) => unfinished.has(id ?? null));
  return Object.fromEntries(
    sessions.map((session) => {
      const { name, app_sequence } = configOf(session);
      return [String(session.id), { config: name, apps: app_sequence }];
    }),
  );
}

const byName = (tables: readonly Table[]) => [...tables].sort((one, other) => (one.name < other.name ? -1 : 1));
