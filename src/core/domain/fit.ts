import { createHash } from 'node:crypto';
import { compareSchemas } from './fit-of-schema.ts';
import { movedPages } from './moved-pages.ts';

/**
 * Does a new image fit the data of the running study? Facts in, findings out: nothing here reads anything.
 *
 * oTree creates missing tables when it starts, and never a missing column. Which page a participant is on is a number
 * (`_index_in_pages`); oTree finds the page by counting through the session's stored app sequence with the rounds and
 * pages of the code that runs now (otree/lookup.py, the same in 5.11 and 6.0). So code whose pages are others moves
 * everybody who is not done, and `_max_page_index`, fixed when the session was made, cuts the new order off.
 */

/** One column, as Postgres writes its type: `integer`, `character varying(10000)`. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull?: boolean | undefined;
  readonly hasDefault?: boolean | undefined;
  /** It points to a row of another table. */
  readonly references?: boolean | undefined;
}

/** The tables of one database, schema `public`. */
export interface SchemaFacts {
  readonly tables: readonly Table[];
}

export interface Table {
  readonly name: string;
  readonly kind: 'table' | 'other';
  readonly columns: readonly Column[];
}

/** What an image shows, as its own code says. */
export interface PagesFacts {
  readonly otree: string;
  /** App sequence of each session config. */
  readonly configs: Readonly<Record<string, readonly string[]>>;
  /** Rounds, and the page classes of one round, of each app that a config names. */
  readonly apps: Readonly<Record<string, { readonly rounds: number; readonly pages: readonly string[] }>>;
  /** Of sessions that are not done, by row id: what was stored when each was made. */
  readonly sessions: Readonly<Record<string, StoredSession>>;
}

/** No apps: the image's Python cannot read it, and so oTree could not. */
export interface StoredSession {
  readonly config: string;
  readonly apps: readonly string[];
}

/** Where the unfinished participants of each session are: numbers only. */
export interface ProgressFacts {
  readonly sessions: readonly SessionProgress[];
}

export interface SessionProgress {
  /** Row id, no code. */
  readonly id: number;
  /** Pages it had when it was made. */
  readonly total: number;
  /** Rounds it was made with, by app. */
  readonly rounds: Readonly<Record<string, number>>;
  readonly places: readonly Place[];
}

export interface Place {
  /** From 1; 0: not begun yet. */
  readonly index: number;
  readonly app?: string | undefined;
  readonly page?: string | undefined;
  readonly round?: number | undefined;
  readonly people: number;
}

/** Of tables that the new image lacks, or lacks columns of: how many rows, and how many with something in the column. */
export type RowFacts = Readonly<
  Record<string, { readonly rows: number; readonly filled: Readonly<Record<string, number>> }>
>;

/** From harmless to not working; the worst finding is the verdict. */
const verdicts = ['fits', 'adds-tables', 'adds-columns', 'moves-pages', 'drops-data', 'misfit'] as const;
export type FitVerdict = (typeof verdicts)[number];

/** A column that `--add-columns` would add. */
export interface MissingColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

export type FitFinding =
  | { readonly kind: 'adds-tables'; readonly tables: readonly string[] }
  | { readonly kind: 'adds-columns'; readonly columns: readonly MissingColumn[] }
  | MovedPages
  | {
      readonly kind: 'drops-data';
      readonly table: string;
      /** Undefined: the whole table. */
      readonly column?: string | undefined;
      /** Rows with something in it. */
      readonly rows: number;
    }
  | {
      readonly kind: 'misfit';
      readonly because: MisfitReason;
      readonly table: string;
      readonly column?: string | undefined;
      /** Types, or versions of oTree: what the data has, what the image needs. */
      readonly has?: string | undefined;
      readonly needs?: string | undefined;
    }
  | { readonly kind: 'misfit'; readonly because: 'otree-version'; readonly has: string; readonly needs: string };

export type MisfitReason =
  | 'type-differs'
  | 'needs-value-missing'
  | 'needs-reference-missing'
  | 'refuses-empty'
  | 'demands-unknown'
  | 'not-a-table';

/** Unfinished participants of one session config who would meet other pages than the ones they began with. */
export interface MovedPages {
  readonly kind: 'moves-pages';
  readonly config: string;
  /** Who have begun. */
  readonly people: number;
  /** Seats of the same sessions that nobody has taken yet. */
  readonly seats: number;
  /** Pages they would never see, see twice, or find open in place of theirs; with how many of people and seats. */
  readonly skips: readonly PageCount[];
  readonly repeats: readonly PageCount[];
  readonly lands: readonly PageCount[];
  /** For whom oTree would find no page at all, and answer with an error. */
  readonly stuck: number;
}

export interface PageCount {
  readonly page: string;
  readonly people: number;
}

export interface Fit {
  readonly verdict: FitVerdict;
  /** All of them, the worst first. */
  readonly findings: readonly FitFinding[];
  /** Of the image: see fingerprintOf. */
  readonly fingerprint: string;
}

/**
 * All that differs, the worst first. `pages.live` is the code that runs now, where it could be asked; `liveOtree` its
 * version, where known. `rows` holds what `lackedBy` asks for.
 */
export function compareFit(facts: {
  expected: SchemaFacts;
  live: SchemaFacts;
  pages: { next: PagesFacts; live?: PagesFacts | undefined };
  progress: ProgressFacts;
  rows: RowFacts;
  liveOtree?: string | undefined;
}): Fit {
  const { expected, live, pages, progress, rows } = facts;
  const otree = { next: pages.next.otree, live: facts.liveOtree ?? pages.live?.otree };
  const findings: readonly FitFinding[] = [
    ...compareSchemas({ expected, live, rows, otree }),
    ...movedPages(pages, progress),
  ];
  const rank = ({ kind }: FitFinding) => verdicts.indexOf(kind);
  const sorted = findings.toSorted((a, b) => rank(b) - rank(a));
  return { verdict: sorted[0]?.kind ?? 'fits', findings: sorted, fingerprint: fingerprintOf(expected, pages.next) };
}

/** Whether a deployment may go on without asking. */
export function goesOnByItself({ verdict }: Pick<Fit, 'verdict'>): boolean {
  return verdict === 'fits' || verdict === 'adds-tables';
}

/**
 * 47 characters, the same for images with the same tables and pages: those fit each other's data. The part before the
 * point is of the tables, the part after it of the pages.
 */
export function fingerprintOf(schema: SchemaFacts, { configs, apps }: Pick<PagesFacts, 'configs' | 'apps'>): string {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const tables = schema.tables.toSorted(byName).map(({ name, kind, columns }) => ({
    ...{ name, kind },
    columns: columns.toSorted(byName).map((column) => [column.name, column.type, column.notNull ?? false]),
  }));
  const sorted = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rounds = Object.entries(apps).map(([app, { rounds, pages }]) => [app, [rounds, pages]]);
  return `${hash(tables)}.${hash([sorted(configs), sorted(Object.fromEntries(rounds))])}`;
}

const hash = (facts: unknown) => createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 23);

/** What two fingerprints tell of each other without looking at data. */
export const releaseFits = ['fits', 'other-pages', 'other-tables'] as const;
export type ReleaseFit = (typeof releaseFits)[number];

/** Undefined where one of them was never taken. */
export function compareFingerprints(one: string | undefined, other: string | undefined): ReleaseFit | undefined {
  if (!one || !other) return undefined;
  if (one === other) return 'fits';
  return one.split('.')[0] === other.split('.')[0] ? 'other-pages' : 'other-tables';
}
