import type { Clock } from '../../clock.ts';
import { ExpectedError, errorCodes, errorFacts } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { pruneBookings } from '../bookings.ts';
import type { Reporter } from './keeper-report.ts';
import {
  type Due,
  dueWork,
  type KeptData,
  type KeptStudy,
  type StudyHistory,
  type Timetable,
  timetableWarnings,
} from './timetable.ts';

/** How the keeper does what its timetable says. */
export interface Chores {
  readonly timetable: Timetable;
  studies(): Promise<readonly KeptStudy[]>;
  /** Reads what there is of a study's backups and set-aside databases. */
  look(stack: string): Promise<Omit<KeptData, 'lookedAt'>>;
  /** Has the work accepted as an operation of the keeper's; returns its id. */
  start(due: Exclude<Due, { kind: 'look' }>): Promise<string>;
}

const betweenMs = 60_000;

/** One thing at a time, and the next as soon as it is done; with nothing to do it looks again in a minute. */
export function createChoreRunner(
  chores: Chores,
  {
    swarm,
    clock,
    report,
    run,
  }: {
    swarm: SwarmGateway;
    clock: Clock;
    report: Reporter;
    /** Runs an operation to its end; whether it succeeded. */
    run: (operation: string) => Promise<boolean>;
  },
): { next(): Promise<void> } {
  const history = new Map<
    string,
    { data?: KeptData; tried: Partial<Record<Due['kind'], { at: string; ok: boolean }>> }
  >();
  const of = (stack: string) => {
    const known = history.get(stack) ?? { tried: {} };
    history.set(stack, known);
    return known;
  };
  let nextAt = Number.NEGATIVE_INFINITY;

  async function survey(): Promise<readonly (KeptStudy & StudyHistory)[]> {
    const studies = await chores.studies();
    const names = new Set(studies.map(({ stack }) => stack));
    for (const stack of history.keys()) if (!names.has(stack)) history.delete(stack);
    return studies.map((study) => ({ ...study, ...of(study.stack) }));
  }

  async function work(due: Due): Promise<boolean> {
    const { stack } = due;
    if (due.kind !== 'look') {
      const succeeded = await run(await chores.start(due));
      // What it changed is seen before anything else is done on it.
      delete of(stack).data;
      return succeeded;
    }
    of(stack).data = { ...(await chores.look(stack)), lookedAt: clock.now().toISOString() };
    return true;
  }

  async function attempt(due: Due): Promise<void> {
    const { stack, kind } = due;
    let ok = false;
    try {
      ok = await work(due);
    } catch (error) {
      if (isRefusal(error)) report.say({ kind: 'postponed', what: kind, stack, error: errorFacts(error) });
      else report.problem(`${kind} of ${stack}`, error);
    } finally {
      of(stack).tried[kind] = { at: clock.now().toISOString(), ok };
    }
  }

  return {
    async next() {
      if (clock.now().getTime() < nextAt) return;
      try {
        const studies = await survey();
        const now = clock.now();
        for (const warning of timetableWarnings(studies, now, chores.timetable))
          report.alarm({ kind: 'warning', warning });
        const [due] = dueWork(studies, now, chores.timetable);
        if (due) return await attempt(due);
        await pruneBookings(undefined, { swarm });
      } catch (error) {
        report.problem('looking at what the timetable says', error);
      }
      nextAt = clock.now().getTime() + betweenMs;
    },
  };
}

/** Somebody was quicker, or people came: nothing is wrong. */
function isRefusal(error: unknown): boolean {
  return error instanceof ExpectedError && errorCodes[error.code] === 5;
}
