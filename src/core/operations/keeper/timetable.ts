import { createHash } from 'node:crypto';
import { type Booking, refusalBy } from '../../domain/booking.ts';
import { type Archive, archivesToDrop, backupsToDrop, type VerifiedBackup } from '../../domain/retention.ts';
import type { StudyState } from '../../domain/study-state.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** When the platform does its own work. */
export interface Timetable {
  /** Hour of the day at which the quiet time begins. */
  readonly quietFrom: number;
  readonly quietHours: number;
  /** How far the lab's clocks are ahead of UTC at that moment. */
  readonly zoneMs: (now: Date) => number;
}

/** `timeZone` as Intl names it: `Europe/Berlin`. */
export function createTimetable({
  timeZone,
  quietFrom = 2,
  quietHours = 4,
}: {
  timeZone: string;
  quietFrom?: number;
  quietHours?: number;
}): Timetable {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return { quietFrom, quietHours, zoneMs: (now) => readOffset(format.format(now)) };
}

/** One study as the timetable sees it. */
export interface KeptStudy {
  readonly stack: string;
  /** A deleted study has no database that runs: nothing is done with it but to say that its purge is due. */
  readonly state: Extract<StudyState, 'running' | 'stopped' | 'deleted'>;
  /** When its web service was last written: RFC 3339, as all times here. */
  readonly changedAt: string;
  /** Of a deleted one: until when it can be brought back. */
  readonly deletedUntil?: string | undefined;
  readonly bookings: readonly Booking[];
  /** Somebody's operation is not ended. */
  readonly busy: boolean;
  /** In a session now; undefined where nobody counted. */
  readonly people?: number | undefined;
}

/** What was found in its database and on its backup volume, and when. */
export interface KeptData {
  readonly lookedAt: string;
  readonly backups: readonly (VerifiedBackup & { readonly verifiedAt: string })[];
  readonly archives: readonly Archive[];
}

export type Due =
  /** What is there has to be read first. */
  | { readonly kind: 'look'; readonly stack: string }
  | { readonly kind: 'backup'; readonly stack: string }
  /** The newest backup that has lain for half a day, restored beside the data and compared. */
  | { readonly kind: 'drill'; readonly stack: string; readonly backup: string }
  | {
      readonly kind: 'drop-data';
      readonly stack: string;
      readonly archives: readonly string[];
      readonly backups: readonly string[];
    };

/** The last try of something, in this process. */
export interface Tried {
  readonly at: string;
  readonly ok: boolean;
}

export interface StudyHistory {
  readonly data?: KeptData | undefined;
  readonly tried: Readonly<Partial<Record<Due['kind'], Tried>>>;
}

/** Too old to act on: people make backups and reset as well. */
const freshMs = 15 * 60_000;
const lookEveryMs = 12 * hourMs;
const retryAfterMs = hourMs;
/** For what ended well and seems due again: something is wrong with how it is seen. */
const repeatAfterMs = { look: 0, backup: 12 * hourMs, drill: 6 * dayMs, 'drop-data': 12 * hourMs } as const;
/** A night was missed: by day then. A backup disturbs nobody, so people in a session delay it no longer than two days. */
const overdueMs = 30 * hourMs;
const patienceMs = 48 * hourMs;
const drillEveryMs = 7 * dayMs;
const drillOverdueMs = 9 * dayMs;
/** Only a backup that has lain for a while is worth a drill; a verification so late is one, and not the first. */
const restedMs = 12 * hourMs;
/** Nothing is begun that could run into a lab session. */
const expectedSeconds = 1800;
const order = ['backup', 'drill', 'drop-data', 'look'] as const;

/**
 * What is to be done now, the most pressing first, at most one thing for a study: a backup each night at the study's own
 * minute of the quiet time, a drill of the newest backup each week, and removing what the retention lets go. Nothing for a
 * study that is booked, held or being worked on. Never a purge.
 */
export function dueWork(
  studies: readonly (KeptStudy & StudyHistory)[],
  now: Date,
  timetable: Timetable,
): readonly Due[] {
  return studies
    .map((study) => dueOf(study, now, timetable))
    .filter((due) => due !== undefined)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function dueOf(study: KeptStudy & StudyHistory, now: Date, timetable: Timetable): Due | undefined {
  const { stack, data, tried } = study;
  if (study.state === 'deleted' || study.busy || refusalBy(study.bookings, now, { expectedSeconds })) return undefined;
  const isOpen = ({ kind }: Due) => {
    const last = tried[kind];
    return !last || ageOf(last.at, now) >= (last.ok ? repeatAfterMs[kind] : retryAfterMs);
  };
  const look: Due = { kind: 'look', stack };
  const age = data ? ageOf(data.lookedAt, now) : Number.POSITIVE_INFINITY;
  const due = data && workOn(study, data, now, timetable).find(isOpen);
  const next = due && age < freshMs ? due : due || age >= lookEveryMs ? look : undefined;
  return next && isOpen(next) ? next : undefined;
}

function workOn(study: KeptStudy, data: KeptData, now: Date, timetable: Timetable): readonly Due[] {
  const { stack, people = 0 } = study;
  const night = lastNight(stack, now, timetable);
  const isQuiet = now.getTime() - night.getTime() < timetable.quietHours * hourMs;
  const due: Due[] = [];

  const age = ageOf(lastBackup(study, data), now);
  const isOwed = study.state === 'running' || hasUnsaved(study, data);
  const isTime = (isQuiet && age > now.getTime() - night.getTime()) || age >= overdueMs;
  if (isOwed && isTime && (people === 0 || age >= patienceMs)) due.push({ kind: 'backup', stack });

  const rested = newestOf(data.backups.filter(({ takenAt }) => ageOf(takenAt, now) >= restedMs));
  const sinceDrill = rested ? ageOf(lastDrill(data), now) : 0;
  if (rested && people === 0 && (sinceDrill >= drillOverdueMs || (isQuiet && sinceDrill >= drillEveryMs)))
    due.push({ kind: 'drill', stack, backup: rested.id });

  const archives = archivesToDrop(data.archives, now);
  const backups = backupsToDrop(data.backups, now);
  if (archives.length + backups.length > 0) due.push({ kind: 'drop-data', stack, archives, backups });
  return due;
}

/** What somebody should know, and nothing is done about. */
export type TimetableWarning =
  | { readonly code: 'purge-due'; readonly stack: string; readonly since: string }
  | { readonly code: 'backup-overdue'; readonly stack: string; readonly since: string };

const warnAfterMs = 3 * dayMs;

/** Retired studies whose time is over, and studies whose last backup is three days old while none is about to be made. */
export function timetableWarnings(
  studies: readonly (KeptStudy & StudyHistory)[],
  now: Date,
  timetable: Timetable,
): readonly TimetableWarning[] {
  return studies.flatMap((study): TimetableWarning[] => {
    const { stack, state, deletedUntil, data } = study;
    if (state === 'deleted')
      return deletedUntil !== undefined && ageOf(deletedUntil, now) >= 0
        ? [{ code: 'purge-due', stack, since: deletedUntil }]
        : [];
    if (!data || (state === 'stopped' && !hasUnsaved(study, data))) return [];
    const since = lastBackup(study, data);
    const next = dueOf(study, now, timetable)?.kind;
    if (next === 'backup' || next === 'look') return [];
    return ageOf(since, now) >= warnAfterMs ? [{ code: 'backup-overdue', stack, since }] : [];
  });
}

/** The study's minute of the night: by its name, so that a hundred studies are not saved at once; the last one there was. */
export function lastNight(stack: string, now: Date, timetable: Timetable): Date {
  const { quietFrom, quietHours } = timetable;
  const minutes = Math.max(1, (quietHours - 1) * 60);
  const spreadMs = (createHash('sha256').update(stack).digest().readUInt32BE(0) % minutes) * 60_000;
  const zoneMs = timetable.zoneMs(now);
  const local = now.getTime() + zoneMs;
  const today = Math.floor(local / dayMs) * dayMs + quietFrom * hourMs + spreadMs;
  return new Date((today <= local ? today : today - dayMs) - zoneMs);
}

/** `6/16/2027, GMT+02:00`; without digits for UTC itself. */
function readOffset(shown: string): number {
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(shown) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * 60_000);
}

function newestOf(backups: KeptData['backups']) {
  return backups.toSorted((a, b) => b.takenAt.localeCompare(a.takenAt))[0];
}

/** A study without any backup counts from its last change. */
function lastBackup({ changedAt }: KeptStudy, data: KeptData): string {
  return newestOf(data.backups)?.takenAt ?? changedAt;
}

/** Whether a stopped study ran after its newest backup. */
function hasUnsaved({ changedAt }: KeptStudy, data: KeptData): boolean {
  const newest = newestOf(data.backups);
  return !newest || newest.takenAt < changedAt;
}

/** Backups that were never drilled count from the first of them. */
function lastDrill({ backups }: KeptData): string {
  const drilled = backups.filter((one) => Date.parse(one.verifiedAt) - Date.parse(one.takenAt) >= restedMs);
  const newestDrill = drilled
    .map(({ verifiedAt }) => verifiedAt)
    .sort()
    .at(-1);
  return newestDrill ?? backups.map(({ takenAt }) => takenAt).sort()[0] ?? '';
}

/** Of a time that cannot be read: endless. */
function ageOf(time: string, now: Date): number {
  const age = now.getTime() - Date.parse(time);
  return Number.isNaN(age) ? Number.POSITIVE_INFINITY : age;
}
