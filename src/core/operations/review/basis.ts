import { ExpectedError } from '../../errors.ts';
import { label } from '../../swarm/labels.ts';
import { baseRelease, isStopped, type ObservedStack, servingNumber } from '../../swarm/observe-stack.ts';

/**
 * What a review is made from, in short: the release that a new one starts from, what serves, who wrote it last, and whether
 * it is stopped or deleted. With another basis the same plan is another decision. A backup and its kin leave it as it is.
 */
export function basisOf(observed: Pick<ObservedStack, 'web' | 'releases'>): string {
  const { [label.release]: release, [label.operation]: writer, [label.state]: state } = observed.web?.Spec.Labels ?? {};
  return [baseRelease(observed)?.number, release, writer, state, isStopped(observed) && 'stopped'].join(' ');
}

export function planChanged(observed: ObservedStack): ExpectedError {
  const number = isStopped(observed) ? undefined : servingNumber(observed);
  return new ExpectedError('plan-changed', `applying the reviewed plan to ${observed.stack}`, {
    why: 'The study was changed after you looked at the plan.',
    now: number === undefined ? 'Nothing was changed.' : `Nothing was changed; v${number} is what runs.`,
    hint: 'Run the command again to see the plan as it is now.',
  });
}
