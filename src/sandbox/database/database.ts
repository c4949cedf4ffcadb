import { PostgresError } from './postgres-error.ts';
import { type Columns, Table, type TableJson } from './table.ts';

export interface DatabaseJson {
  name: string;
  owner: string;
  allowConnections: boolean;
  /** Whether roles that do not own it may connect: Postgres grants that to PUBLIC. */
  openToAll: boolean;
  tables: Record<string, TableJson>;
}

/** One database of a cluster. It stays the same object when it is renamed. */
export class Database {
  name: string;
  owner: string;
  allowConnections: boolean;
  openToAll: boolean;
  readonly tables: Map<string, Table>;

  constructor({ name, owner, allowConnections, openToAll, tables }: DatabaseJson) {
    this.name = name;
    this.owner = owner;
    this.allowConnections = allowConnections;
    this.openToAll = openToAll;
    this.tables = new Map(Object.entries(tables).map(([table, json]) => [table, new Table(table, json)]));
  }

  /** `CREATE TABLE IF NOT EXISTS`: a table that is there stays as it is. */
  createTable(name: string, columns: Columns): Table {
    const known = this.tables.get(name);
    if (known) return known;
    const table = new Table(name, { columns: { id: 'integer', ...columns }, nextId: 1, rows: [] });
    this.tables.set(name, table);
    return table;
  }

  table(name: string): Table {
    const table = this.tables.get(name);
    if (!table) throw new PostgresError('42P01', `relation "${name}" does not exist`);
    return table;
  }

  dropTable(name: string): void {
    if (!this.tables.delete(name)) throw new PostgresError('42P01', `table "${name}" does not exist`);
  }

  /** `DROP SCHEMA public CASCADE; CREATE SCHEMA public`. */
  empty(): void {
    this.tables.clear();
  }

  /** What `pg_database_size` says, roughly: an empty one has 7.5 MB. */
  get bytes(): number {
    let bytes = 7_500_000;
    for (const { rows } of this.tables.values()) bytes += 16_384 + rows.length * 160;
    return bytes;
  }

  /** Rows per table. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.tables].map(([name, { rows }]) => [name, rows.length]));
  }

  toJSON(): DatabaseJson {
    const { name, owner, allowConnections, openToAll } = this;
    const tables = Object.fromEntries([...this.tables].map(([table, content]) => [table, content.toJSON()]));
    return { name, owner, allowConnections, openToAll, tables };
  }
}
