import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Database, DatabaseJson } from './database.ts';
import { Table, type TableJson } from './table.ts';

/** The content of one moment: what an exported snapshot shows. */
export type Snapshot = DatabaseJson['tables'];

const magic = Buffer.from('PGDMP');

export const snapshotOf = (database: Database): Snapshot => structuredClone(database.toJSON().tables);

/** A custom-format dump, as far as the sandbox needs one: the same content gives the same bytes. */
export function dumpOf(snapshot: Snapshot): Buffer {
  return Buffer.concat([magic, gzipSync(JSON.stringify(sortedByName(snapshot)))]);
}

/** What `pg_restore` reads from it; undefined for one that is cut, flipped, or no dump at all. */
export function parseDump(bytes: Buffer): Snapshot | undefined {
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  try {
    return JSON.parse(gunzipSync(bytes.subarray(magic.length)).toString());
  } catch {
    return undefined;
  }
}

/** Puts the tables of a dump into a database that has none. */
export function restoreInto(database: Database, snapshot: Snapshot): void {
  for (const [name, json] of Object.entries(snapshot))
    database.tables.set(name, new Table(name, structuredClone(json)));
}

export interface TableFacts {
  rows: number;
  digest: string;
}

/** Rows and digest per table: the same whatever the order of the rows, another after any change of content or columns. */
export function factsOf(snapshot: Snapshot): Record<string, TableFacts> {
  const facts = Object.entries(sortedByName(snapshot)).map(([name, table]): [string, TableFacts] => [
    name,
    { rows: table.rows.length, digest: digestOf(table) },
  ]);
  return Object.fromEntries(facts);
}

/** The next value of each sequence, by its name. */
export function sequencesOf(snapshot: Snapshot): Record<string, string> {
  const tables = Object.entries(sortedByName(snapshot));
  return Object.fromEntries(tables.map(([name, { nextId }]) => [`${name}_id_seq`, String(nextId)]));
}

function digestOf({ columns, nextId, rows }: TableJson): string {
  const names = Object.keys(columns);
  const contents = rows.map((row) => JSON.stringify(names.map((name) => row[name] ?? null))).sort();
  const hash = createHash('sha256').update(JSON.stringify([columns, nextId]));
  for (const content of contents) hash.update('\n').update(content);
  return hash.digest('hex');
}

function sortedByName(snapshot: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).sort(([one], [other]) => (one < other ? -1 : 1)));
}
