import type { Clock } from '../../clock.ts';
import { describeGuard, type GuardDecision } from '../../domain/guard.ts';
import type { GuardPolicy, Work } from '../../domain/operation-request.ts';
import { asTyped, type StackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { observeStack } from '../../swarm/observe-stack.ts';
import { disturbanceOf, lookForPeople } from './guard-participants.ts';

/** How often it is looked for people while waiting for the end of a session. */
const lookMs = 15_000;

/** What is seen while waiting: people, or that the server could not be asked just now. */
export type Waiting = { kind: 'people'; decision: GuardDecision } | { kind: 'out-of-reach'; why: string };

/**
 * Looks again and again until nobody stands in the way, without holding the lock. Yields what it sees each time; a server
 * that is out of reach for a while is asked again. Throws `participants-present` when the limit is over.
 */
export async function* awaitNobody(
  stack: StackName,
  { work, ignoreOpenPages, limitMs }: Pick<GuardPolicy, 'ignoreOpenPages'> & { work: Work; limitMs: number },
  needs: { swarm: SwarmGateway; clock: Clock; signal: AbortSignal },
): AsyncGenerator<Waiting, void, void> {
  const { clock, signal } = needs;
  const until = clock.now().getTime() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen.kind === 'people' && seen.decision.verdict === 'clear') return;
    yield seen;
    if (clock.now().getTime() + lookMs > until) throw stillThere(seen);
    await clock.sleep(lookMs, signal);
  }

  async function look(): Promise<Waiting> {
    try {
      const observed = await observeStack(stack, needs);
      const policy = { disturbance: disturbanceOf(work.kind), ignoreOpenPages };
      return { kind: 'people', decision: await lookForPeople(observed, policy, needs) };
    } catch (error) {
      if (!(error instanceof ExpectedError) || !passing.includes(error.code)) throw error;
      return { kind: 'out-of-reach', why: error.why ?? error.message };
    }
  }

  function stillThere(seen: Waiting): ExpectedError {
    return new ExpectedError('participants-present', `waiting for the end of the session on ${stack}`, {
      why: seen.kind === 'people' ? describeGuard(seen.decision) : seen.why,
      now: `Nothing was changed; it waited for ${Math.round(limitMs / 60_000)} minutes.`,
      hint: `Try again later, or with a longer limit: --after-session 8h (\`oforest status ${asTyped(stack)}\` shows who is there).`,
    });
  }
}

const passing: readonly string[] = [
  'connection-lost',
  'host-refused',
  'host-unreachable',
  'docker-unreachable',
  'timed-out',
  'quorum-lost',
];
