import type { Change } from '../../domain/change.ts';
import { asTyped } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { isStopped, type ObservedStack } from '../../swarm/observe-stack.ts';
import { completeReview, observeDeployed, type Review, type Subject } from './review.ts';

export async function reviewStart(subject: Subject, needs: { swarm: SwarmGateway }): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const because = 'it is stopped';
  return reviewWeb('start', observed, isStopped(observed) ? [webChange(observed, 'start', because, false)] : [], needs);
}

export async function reviewStop(subject: Subject, needs: { swarm: SwarmGateway }): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const because = 'you asked to take it off the net; its database stays up';
  return reviewWeb('stop', observed, isStopped(observed) ? [] : [webChange(observed, 'stop', because, true)], needs);
}

export async function reviewRestart(subject: Subject, needs: { swarm: SwarmGateway }): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  if (isStopped(observed))
    throw new ExpectedError('experiment-stopped', `restarting ${observed.stack}`, {
      why: 'It is stopped.',
      now: 'Nothing was changed.',
      hint: `Start it with \`oforest start ${asTyped(observed.stack)}\`.`,
    });
  return reviewWeb('restart', observed, [webChange(observed, 'restart', 'you asked for it', true)], needs);
}

function reviewWeb(
  verb: 'start' | 'stop' | 'restart',
  observed: ObservedStack,
  plan: readonly Change[],
  needs: { swarm: SwarmGateway },
): Promise<Review> {
  return completeReview(observed, { verb, plan, work: { kind: verb } }, needs);
}

function webChange({ web }: ObservedStack, action: Change['action'], because: string, interrupts: boolean): Change {
  return { action, subject: 'web', name: web?.Spec.Name ?? '', because, interrupts };
}
