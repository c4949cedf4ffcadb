import type { Clock } from '../../clock.ts';
import type { GuardDecision } from '../../domain/guard.ts';
import { parseStackName } from '../../domain/stack-name.ts';
import type { Service } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import { isStopped } from '../../swarm/observe-stack.ts';
import { type GuardedStack, glanceAtPeople } from './guard-participants.ts';

export interface HowToAsk {
  /** How many at the same time; default: 8. */
  readonly atOnce?: number;
  /** Whoever does not answer within it is left out; default: all are waited for. */
  readonly patienceMs?: number;
}

type Needs = { swarm: SwarmGateway; clock: Clock };

interface RunningStack extends GuardedStack {
  readonly idleMinutes: number | undefined;
}

/**
 * `glanceAtPeople` for each of these studies that runs, told as soon as it is known. Two lists beside that of the studies,
 * and then one script for each. Leaving early stops asking.
 */
export async function* glanceEverywhere(
  { webs, ...needs }: Needs & { readonly webs: readonly Service[] },
  { atOnce = 8, patienceMs }: HowToAsk = {},
): AsyncGenerator<{ stack: string; decision: GuardDecision }, void, void> {
  const waiting = await runningStacks(webs, needs);
  const leaving = new AbortController();
  const enough = patienceMs === undefined ? [] : [needs.clock.sleep(patienceMs, leaving.signal).catch(() => undefined)];
  const asked = new Map<RunningStack, Promise<{ stack: RunningStack; decision: GuardDecision }>>();
  const ask = (stack: RunningStack) =>
    asked.set(
      stack,
      glanceAtPeople(stack, needs, stack).then((decision) => ({ stack, decision })),
    );
  try {
    for (const stack of waiting.splice(0, atOnce)) ask(stack);
    while (asked.size > 0) {
      const answer = await Promise.race([...asked.values(), ...enough]);
      if (!answer) return;
      asked.delete(answer.stack);
      for (const next of waiting.splice(0, 1)) ask(next);
      yield { stack: answer.stack.stack, decision: answer.decision };
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
