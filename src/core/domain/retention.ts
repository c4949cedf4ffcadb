const dayMs = 86_400_000;

/** How long an erased or replaced database stays under its archive name. */
export const archiveDays = 14;
/** How long a deleted study can be brought back before its purge is due. */
const retiredDays = 30;

const kept = { days: 7, weeks: 4, months: 6 } as const;
/** Nobody loses a backup made today because of one made later today. */
const untouchedMs = dayMs;

export interface VerifiedBackup {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly takenAt: string;
  /** The timetable took it; else somebody asked for it, or an operation needed it before it erased something. */
  readonly nightly: boolean;
}

/**
 * The ids of backups that may go, oldest first. Kept is the newest of each of the last 7 days, 4 weeks and 6 months (UTC,
 * weeks from Monday) that have a backup, so that without new ones no old one goes, and everything of the last 24 hours.
 * Nightly backups are counted apart from the others: the one made before a reset is not pushed out by the nightly ones of
 * the empty database. A time that cannot be read is kept, and so is the newest of all.
 */
export function backupsToDrop(backups: readonly VerifiedBackup[], now: Date): readonly string[] {
  const newestFirst = backups
    .map(({ id, takenAt, nightly }) => ({ id, nightly, at: Date.parse(takenAt) }))
    .sort((a, b) => b.at - a.at);
  const dated = newestFirst.filter(({ at }) => !Number.isNaN(at));
  const keep = new Set(newestFirst.filter(({ at }) => !(now.getTime() - at >= untouchedMs)).map(({ id }) => id));
  if (dated[0]) keep.add(dated[0].id);
  for (const nightly of [true, false]) {
    const series = dated.filter((backup) => backup.nightly === nightly);
    for (const [periodOf, count] of [
      [dayOf, kept.days],
      [weekOf, kept.weeks],
      [monthOf, kept.months],
    ] as const)
      for (const { id } of newestOfEach(series, ({ at }) => periodOf(at)).slice(0, count)) keep.add(id);
  }
  return newestFirst
    .map(({ id }) => id)
    .filter((id) => !keep.has(id))
    .reverse();
}

export interface Archive {
  readonly database: string;
  /** When it was set aside: RFC 3339, UTC. */
  readonly at: string;
}

/** The databases set aside more than 14 days ago; one whose time cannot be read stays. */
export function archivesToDrop(archives: readonly Archive[], now: Date): readonly string[] {
  return archives.filter(({ at }) => now.getTime() > endOfArchive(at).getTime()).map(({ database }) => database);
}

/** Until when `undo` can bring back a database that was set aside at that time. */
export function endOfArchive(at: string): Date {
  return new Date(Date.parse(at) + archiveDays * dayMs);
}

/** Until when `undelete` can bring back a study that was deleted at that time; from then on its purge is due. */
export function endOfRetirement(retiredAt: string): Date {
  return new Date(Date.parse(retiredAt) + retiredDays * dayMs);
}

function newestOfEach<Item>(newestFirst: readonly Item[], periodOf: (item: Item) => string): readonly Item[] {
  const newest = new Map<string, Item>();
  for (const item of newestFirst) if (!newest.has(periodOf(item))) newest.set(periodOf(item), item);
  return [...newest.values()];
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The Monday it begins with. 1 January 1970 was a Thursday. */
function weekOf(at: number): string {
  const days = Math.floor(at / dayMs);
  return dayOf((days - ((((days + 3) % 7) + 7) % 7)) * dayMs);
}

function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
