import { asTyped } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import { label } from '../../swarm/labels.ts';
import type { ObservedStack } from '../../swarm/observe-stack.ts';

export function studyRetired({ stack, web }: ObservedStack): ExpectedError {
  const until = web?.Spec.Labels[label.until] ?? '';
  return new ExpectedError('study-retired', `looking at ${stack}`, {
    why: 'It was deleted.',
    now: `Its data, passwords and address are kept until ${until.slice(0, 10)}.`,
    hint: `Bring it back with \`oforest undelete ${asTyped(stack)}\`, or remove it for good with \`oforest purge ${asTyped(stack)}\`.`,
    details: { until },
  });
}

export function notDeployed(stack: string): ExpectedError {
  return new ExpectedError('experiment-not-found', `looking for ${stack}`, {
    why: 'There is no study of that name on this server.',
    hint: 'Run `oforest list` to see the names there are.',
  });
}
