import { PostgresError } from './postgres-error.ts';

export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;
export type ColumnType = 'integer' | 'bigint' | 'double precision' | 'boolean' | 'text' | 'character varying';
export type Columns = Readonly<Record<string, ColumnType>>;

export interface TableJson {
  columns: Columns;
  nextId: number;
  rows: Row[];
}

/** A table with a primary key `id`, as each of oTree's has. */
export class Table {
  readonly name: string;
  readonly rows: Row[];
  #columns: Map<string, ColumnType>;
  #nextId: number;

  constructor(name: string, { columns, nextId, rows }: TableJson) {
    this.name = name;
    this.rows = rows;
    this.#columns = new Map(Object.entries(columns));
    this.#nextId = nextId;
  }

  get columns(): ReadonlyMap<string, ColumnType> {
    return this.#columns;
  }

  /** The new row; columns that are not given are null. Throws for a column that the table has not. */
  insert(values: Row): Row {
    for (const column of Object.keys(values))
      if (!this.#columns.has(column))
        throw new PostgresError('42703', `column "${column}" of relation "${this.name}" does not exist`);
    const row: Row = Object.fromEntries([...this.#columns.keys()].map((column) => [column, null]));
    Object.assign(row, { id: this.#nextId }, values);
    this.#nextId = Math.max(this.#nextId, Number(row.id)) + 1;
    this.rows.push(row);
    return row;
  }

  /** How many rows were deleted. */
  delete(matches: (row: Row) => boolean): number {
    const kept = this.rows.filter((row) => !matches(row));
    const deleted = this.rows.length - kept.length;
    this.rows.splice(0, this.rows.length, ...kept);
    return deleted;
  }

  addColumn(column: string, type: ColumnType): void {
    if (this.#columns.has(column))
      throw new PostgresError('42701', `column "${column}" of relation "${this.name}" already exists`);
    this.#columns.set(column, type);
    for (const row of this.rows) row[column] = null;
  }

  dropColumn(column: string): void {
    if (!this.#columns.delete(column))
      throw new PostgresError('42703', `column "${column}" of relation "${this.name}" does not exist`);
    for (const row of this.rows) delete row[column];
  }

  toJSON(): TableJson {
    return { columns: Object.fromEntries(this.#columns), nextId: this.#nextId, rows: this.rows };
  }
}
