import type { StackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { dockerLabel, label } from '../../swarm/labels.ts';
import type { ObservedStack } from '../../swarm/observe-stack.ts';

/** A stack of that name that oForest did not make. Throws `name-taken`. */
export async function refuseForeign(stack: StackName, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const services = await swarm.listServices({ label: dockerLabel.namespace, value: stack });
  const foreign = services.filter(({ Spec }) => Spec.Labels[label.stack] !== stack);
  if (foreign.length === 0) return;
  throw new ExpectedError('name-taken', `creating ${stack}`, {
    why: `A Docker stack of that name runs already (${foreign.map(({ Spec }) => Spec.Name).join(', ')}), not made by oForest.`,
    now: 'Nothing was changed.',
    hint: 'Choose another name for the experiment.',
  });
}

/** One host, one study. Throws `address-taken`, naming who has it. */
export async function refuseTakenHost(
  host: string,
  { stack, platform }: ObservedStack,
  { swarm }: { swarm: SwarmGateway },
): Promise<void> {
  if (host === '')
    throw new ExpectedError('address-taken', `choosing an address for ${stack}`, {
      why: 'This server has no wildcard DNS; it lends out a fixed list of addresses.',
      now: 'Nothing was changed.',
      hint: `Choose one: \`--address HOST\` with ${platform.addresses.join(', ')}.`,
    });
  const services = await swarm.listServices({ label: label.host, value: host });
  const other = services.find(({ Spec }) => Spec.Labels[label.stack] !== stack);
  if (!other) return;
  throw new ExpectedError('address-taken', `giving ${stack} the address ${host}`, {
    why: `${other.Spec.Labels[label.stack]} has it.`,
    now: 'Nothing was changed.',
    hint: 'Choose another address, or give that study another one first.',
  });
}
