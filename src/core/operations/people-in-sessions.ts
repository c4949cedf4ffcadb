import type { Clock } from '../clock.ts';
import { describeGuard, type GuardCounts, type GuardDecision } from '../domain/guard.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { isStopped, observeStack } from '../swarm/observe-stack.ts';
import { glanceEverywhere, type HowToAsk } from './guard/glance-everywhere.ts';
import { glanceAtPeople, idleMinutesOf } from './guard/guard-participants.ts';
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
  return peopleSeen(stack, await glanceAtPeople(observed, needs, { idleMinutes: idleMinutesOf(observed) }));
}

function peopleSeen(stack: string, decision: GuardDecision): PeopleSeen {
  return {
    stack,
    counts: decision.counts,
    sentence: describeGuard(decision),
    known: decision.verdict !== 'unreadable',
  };
}

/** People in the sessions of all studies, each as soon as it is known; see `glanceEverywhere`. */
export async function* seePeopleEverywhere(
  asked: Needs & Pick<StudyList, 'webs'>,
  options: HowToAsk = {},
): AsyncGenerator<PeopleSeen, void, void> {
  for await (const { stack, decision } of glanceEverywhere(asked, options)) yield peopleSeen(stack, decision);
}
