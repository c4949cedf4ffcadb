import type { Clock } from '../clock.ts';
import { describeGuard, type GuardCounts } from '../domain/guard.ts';
import { parseStackName, type StackName } from '../domain/stack-name.ts';
import type { Service } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { isStopped, observeStack } from '../swarm/observe-stack.ts';
import { type GuardedStack, glanceAtPeople, idleMinutesOf } from './guard/guard-participants.ts';
import type { StudyList } from './list-experiments.ts';

/** People in the sessions of one study, as its database tells at one look: neither rooms nor open pages are asked. */
export interface PeopleSeen {
  readonly stack: string;
  readonly counts: GuardCounts;
  /** "2 people are on a page, 1 is waiting for others." */
  readonly sentence: string;
  /** False when the database or oTree could not be asked: then the counts are 0 and the sentence says why. */
  readonly known: boolean;
}

type Needs = { swarm: SwarmGateway; clock: Clock };

/** Of one study; undefined when it is stopped or not there. */
export async function seePeopleOf(stack: StackName, needs: Needs): Promise<PeopleSeen | undefined> {
  const observed = await observeStack(stack, needs);
  if (!observed.web || isStopped(observed)) return undefined;
  return await seePeople({ ...observed, idleMinutes: idleMinutesOf(observed) }, needs);
}

interface RunningStack extends GuardedStack {
  readonly idleMinutes: number | undefined;
}

async function seePeople(stack: RunningStack, needs: Needs): Promise<PeopleSeen> {
  const decision = await glanceAtPeople(stack, needs, stack);
  return {
    stack: stack.stack,
    counts: decision.counts,
    sentence: describeGuard(decision),
    known: decision.verdict !== 'unreadable',
  };
}

/**
 * People in the sessions of all studies, each as soon as it is known, so many asked at the same time. Two lists beside that
 * of the studies, and then one script for each that runs. Leaving early stops asking; whoever does not answer within
 * `patienceMs` is left out.
 */
export async function* seePeopleEverywhere(
  { webs, ...needs }: Needs & Pick<StudyList, 'webs'>,
  { atOnce = 8, patienceMs }: { atOnce?: number; patienceMs?: number } = {},
): AsyncGenerator<PeopleSeen, void, void> {
  const waiting = await runningStacks(webs, needs);
  const leaving = new AbortController();
  const enough = patienceMs === undefined ? [] : [needs.clock.sleep(patienceMs, leaving.signal).catch(() => undefined)];
  const asked = new Map<RunningStack, Promise<{ stack: RunningStack; seen: PeopleSeen }>>();
  const ask = (stack: RunningStack) =>
    asked.set(
      stack,
      seePeople(stack, needs).then((seen) => ({ stack, seen })),
    );
  try {
    for (const stack of waiting.splice(0, atOnce)) ask(stack);
    while (asked.size > 0) {
      const answer = await Promise.race([...asked.values(), ...enough]);
      if (!answer) return;
      asked.delete(answer.stack);
      for (const next of waiting.splice(0, 1)) ask(next);
      yield answer.seen;
    }
  } finally {
    leaving.abort();
  }
}

async function runningStacks(webs: readonly Service[], { swarm }: Needs): Promise<RunningStack[]> {
  const [databases, all] = await Promise.all([
    swarm.listServices({ label: label.part, value: 'db' }),
    swarm.listTasks({ label: label.part }),
  ]);
  const tasksOf = Map.groupBy(all, ({ ServiceID }) => ServiceID);
  const databaseOf = new Map(databases.map((db) => [db.Spec.Labels[label.stack], db]));
  return webs
    .filter((web) => !isStopped({ web }))
    .map((web) => {
      const stack = parseStackName(web.Spec.Labels[label.stack] ?? '');
      const db = databaseOf.get(stack);
      const tasks = [web, db].flatMap((service) => (service && tasksOf.get(service.ID)) ?? []);
      const minutes = web.Spec.Labels[label.idleMinutes];
      return { stack, web, db, tasks, idleMinutes: minutes === undefined ? undefined : Number(minutes) };
    });
}
