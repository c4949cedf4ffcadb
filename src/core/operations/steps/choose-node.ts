import { ExpectedError } from '../../errors.ts';
import type { Node } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import { type ObservedStack, pinnedNodeId } from '../../swarm/observe-stack.ts';

/** The node for a new study, for good: ready, active, and with the fewest studies so far. */
export async function chooseNode({ stack, nodes }: ObservedStack, { swarm }: { swarm: SwarmGateway }): Promise<string> {
  const databases = (await swarm.listServices({ label: label.part, value: 'db' })).map(pinnedNodeId);
  const studies = (node: Node) => databases.filter((id) => id === node.ID).length;
  const usable = nodes.filter(({ Spec, Status }) => Status.State === 'ready' && Spec.Availability === 'active');
  const [chosen] = [...usable].sort((a, b) => studies(a) - studies(b) || a.ID.localeCompare(b.ID));
  if (chosen) return chosen.ID;
  throw new ExpectedError('node-unsuitable', `placing the database of ${stack}`, {
    why: 'No node of the Swarm is ready and active.',
    now: 'Nothing was changed.',
    hint: 'Run `docker node ls` on the manager and bring one back.',
  });
}
