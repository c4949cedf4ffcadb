import type { Column, FitFinding, MissingColumn, RowFacts, SchemaFacts, Table } from './fit.ts';

/** What the new image's tables and columns mean for the data there is. */
export function compareSchemas({
  expected,
  live,
  rows,
  otree,
}: {
  expected: SchemaFacts;
  live: SchemaFacts;
  rows: RowFacts;
  otree: { next: string; live: string | undefined };
}): readonly FitFinding[] {
  const liveTables = byName(live.tables);
  const added = expected.tables.filter(({ name }) => !liveTables.has(name)).map(({ name }) => name);
  const pairs = expected.tables.flatMap((needs) => {
    const has = liveTables.get(needs.name);
    return has ? [{ needs, has }] : [];
  });
  const differing = pairs.map(({ needs, has }) => compareTables(needs, has));
  const missing = differing.flatMap((table) => table.missing);
  const misfits = differing.flatMap((table) => table.misfits);
  const findings: FitFinding[] = [];
  if (added.length > 0) findings.push({ kind: 'adds-tables', tables: added });

  // oTree's own columns change with its version alone, so nothing may be added there by somebody else.
  const sameOtree = otree.live === otree.next;
  const ofOtree = ({ table }: { table: string }) => !sameOtree && isOfOtree(table);
  if (missing.some(ofOtree) || misfits.some(ofOtree))
    findings.push({
      kind: 'misfit',
      because: 'otree-version',
      has: otree.live ?? 'another version',
      needs: otree.next,
    });
  findings.push(...misfits.filter((misfit) => !ofOtree(misfit)));
  const columns = missing.filter((column) => !ofOtree(column));
  if (columns.length > 0) findings.push({ kind: 'adds-columns', columns });
  return [...findings, ...droppedData(expected, live, rows)];
}

/** What of the data the new image has no place for: whole tables (no columns named), or columns. Asked for before comparing. */
export function lackedBy(
  expected: SchemaFacts,
  live: SchemaFacts,
): readonly { table: string; columns: readonly string[] }[] {
  const expectedTables = byName(expected.tables);
  const apps = appsOf(live);
  return live.tables.flatMap(({ name, kind, columns }) => {
    // oTree's own tables hold nobody's answers, and a table that no app of oTree made does not go with one.
    if (kind !== 'table' || !apps.some((app) => name.startsWith(`${app}_`))) return [];
    const needs = expectedTables.get(name);
    if (!needs) return [{ table: name, columns: [] }];
    const known = byName(needs.columns);
    const lacked = columns.filter((column) => !known.has(column.name)).map((column) => column.name);
    return lacked.length > 0 ? [{ table: name, columns: lacked }] : [];
  });
}

function droppedData(expected: SchemaFacts, live: SchemaFacts, rows: RowFacts): readonly FitFinding[] {
  return lackedBy(expected, live).flatMap(({ table, columns }): readonly FitFinding[] => {
    const facts = rows[table];
    if (!facts) throw new Error(`the rows of ${table} were not counted`);
    if (columns.length === 0) return facts.rows > 0 ? [{ kind: 'drops-data', table, rows: facts.rows }] : [];
    return columns.flatMap((column): readonly FitFinding[] => {
      const filled = facts.filled[column] ?? facts.rows;
      return filled > 0 ? [{ kind: 'drops-data', table, column, rows: filled }] : [];
    });
  });
}

type Misfit = Extract<FitFinding, { kind: 'misfit'; table: string }>;

function compareTables(needs: Table, has: Table): { missing: readonly MissingColumn[]; misfits: readonly Misfit[] } {
  const table = needs.name;
  if (has.kind !== needs.kind) return { missing: [], misfits: [{ kind: 'misfit', because: 'not-a-table', table }] };
  const hasColumns = byName(has.columns);
  const needsColumns = byName(needs.columns);
  const missing: MissingColumn[] = [];
  const misfits: Misfit[] = [];
  for (const column of needs.columns) {
    const there = hasColumns.get(column.name);
    const because = there ? unfitColumn(column, there) : unaddable(column);
    if (because)
      misfits.push({
        ...{ kind: 'misfit', because, table, column: column.name },
        ...{ has: there?.type, needs: column.type },
      });
    else if (!there) missing.push({ table, column: column.name, type: column.type });
  }
  for (const { name, notNull, hasDefault } of has.columns)
    if (notNull && !hasDefault && !needsColumns.has(name))
      misfits.push({ kind: 'misfit', because: 'demands-unknown', table, column: name });
  return { missing, misfits };
}

function unaddable({ notNull, references }: Column) {
  if (notNull) return 'needs-value-missing';
  return references ? 'needs-reference-missing' : undefined;
}

function unfitColumn(needs: Column, has: Column) {
  if (!accepts(has.type, needs.type)) return 'type-differs';
  return has.notNull && !needs.notNull ? 'refuses-empty' : undefined;
}

/** A column that takes longer texts takes shorter ones as well; any other type has to be the same. */
function accepts(has: string, needs: string): boolean {
  if (has === needs) return true;
  const [hasLength, needsLength] = [textLength(has), textLength(needs)];
  return hasLength !== undefined && needsLength !== undefined && hasLength >= needsLength;
}

function textLength(type: string): number | undefined {
  if (type === 'text' || type === 'character varying') return Number.POSITIVE_INFINITY;
  const [, length] = /^character varying\((\d+)\)$/.exec(type) ?? [];
  return length === undefined ? undefined : Number(length);
}

const isOfOtree = (table: string) => table.startsWith('otree_');

/** Each app of oTree has these three tables; more of its own begin with its name too. */
function appsOf({ tables }: SchemaFacts): readonly string[] {
  const names = new Set(tables.map(({ name }) => name));
  const apps = [...names].filter((name) => name.endsWith('_player')).map((name) => name.slice(0, -'_player'.length));
  return apps.filter((app) => names.has(`${app}_group`) && names.has(`${app}_subsession`));
}

function byName<T extends { name: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]));
}
