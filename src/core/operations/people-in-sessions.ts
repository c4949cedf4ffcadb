import type { Clock } from '../clock.ts';
import { describeGuard, type GuardCounts } from '../domain/guard.ts';
import { parseStackName, type StackName } from '../domain/stack-name.ts';
import { isRecord } from '../records/record.ts';
import { releasesIn } from '../records/release-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { isStopped, observeStack } from '../swarm/observe-stack.ts';
import { type GuardedStack, glanceAtPeople } from './guard-participants.ts';

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
  return await seePeople(await observeStack(stack, needs), needs);
}

async function seePeople(stack: GuardedStack, needs: Needs): Promise<PeopleSeen | undefined> {
  if (!stack.web || isStopped(stack)) return undefined;
  const decision = await glanceAtPeople(stack, needs);
  return {
    stack: stack.stack,
    counts: decision.counts,
    sentence: describeGuard(decision),
    known: decision.verdict !== 'unreadable',
  };
}

/**
 * People in the sessions of all studies, each as soon as it is known, so many asked at the same time. Three lists, and
 * then one script for each study that runs. Leaving early stops asking; whoever does not answer within `patienceMs` is
 * left out.
 */
export async function* seePeopleEverywhere(
  needs: Needs,
  { atOnce = 8, patienceMs }: { atOnce?: number; patienceMs?: number } = {},
): AsyncGenerator<PeopleSeen, void, void> {
  const waiting = await runningStacks(needs);
  const leaving = new AbortController();
  const enough = patienceMs === undefined ? [] : [needs.clock.sleep(patienceMs, leaving.signal).catch(() => undefined)];
  const asked = new Map<GuardedStack, Promise<{ stack: GuardedStack; seen: PeopleSeen | undefined }>>();
  const ask = (stack: GuardedStack) =>
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
      if (answer.seen) yield answer.seen;
    }
  } finally {
    leaving.abort();
  }
}

async function runningStacks({ swarm }: Needs): Promise<GuardedStack[]> {
  const [services, tasks, records] = await Promise.all([
    swarm.listServices({ label: label.part }),
    swarm.listTasks({ label: label.part }),
    swarm.listConfigs({ label: label.kind, value: 'release' }),
  ]);
  const releases = Map.groupBy(
    records.filter((config) => isRecord(config, 'release')),
    ({ Spec }) => Spec.Labels[label.stack] ?? '',
  );
  const byStack = Map.groupBy(services, ({ Spec }) => Spec.Labels[label.stack] ?? '');
  return [...byStack]
    .filter(([stack]) => stack !== '')
    .map(([stack, own]) => ({
      stack: parseStackName(stack),
      web: own.find(({ Spec }) => Spec.Labels[label.part] === 'web'),
      db: own.find(({ Spec }) => Spec.Labels[label.part] === 'db'),
      tasks,
      releases: releasesIn(releases.get(stack) ?? []),
    }))
    .filter((stack) => stack.web && !isStopped(stack));
}
