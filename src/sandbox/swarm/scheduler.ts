import { hasEnded, type Node, type Task, type TaskTemplate } from './objects.ts';
import type { Store } from './store.ts';

/** The node a task goes to, or Swarm's words why there is none. */
export function fits(store: Store, task: Task): { node: string } | { why: string } {
  const nodes = [...store.nodes.values()];
  const reasons = new Map<string, number>();
  const because = (reason: string) => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const left: Node[] = [];
  for (const node of nodes) {
    const reason = whyNot(store, task, node);
    if (reason === undefined) left.push(node);
    else because(reason);
  }
  const best = left.sort((one, other) => load(store, one) - load(store, other))[0];
  if (best) return { node: best.ID };
  const counted = [...reasons].map(([reason, count]) =>
    reason === tooMany ? reason : `${reason} on ${nodeCount(count)}`,
  );
  return { why: counted.length > 0 ? `no suitable node (${counted.join('; ')})` : 'no suitable node' };
}

function whyNot(store: Store, { Spec, ID }: Task, node: Node): string | undefined {
  if (node.Status.State !== 'ready' || node.Spec.Availability !== 'active')
    return `${nodeCount(1)} not available for new tasks`;
  if (!meets(Spec, node)) return 'scheduling constraints not satisfied';
  for (const kind of ['MemoryBytes', 'NanoCPUs'] as const) {
    const wanted = Spec.Resources?.Reservations?.[kind] ?? 0;
    if (wanted > 0 && reserved(store, node, kind) + wanted > node.Description.Resources[kind])
      return 'insufficient resources';
  }
  const most = Spec.Placement?.MaxReplicas ?? 0;
  if (
    most > 0 &&
    running(store, node).filter((other) => other.ServiceID === store.tasks.get(ID)?.ServiceID).length >= most
  )
    return tooMany;
  const platforms = Spec.Placement?.Platforms ?? [];
  const same = ({ Architecture = '', OS = '' }) =>
    (Architecture === '' || isSame(Architecture, node.Description.Platform.Architecture)) &&
    (OS === '' || OS === node.Description.Platform.OS);
  if (platforms.length > 0 && !platforms.some(same)) return 'unsupported platform';
  const ports = hostPorts(store, ID);
  const taken = [...store.tasks.values()]
    .filter((other) => other.ID !== ID && other.NodeID === node.ID && !hasEnded(other.Status.State))
    .flatMap((other) => hostPorts(store, other.ID));
  if (ports.some((port) => taken.includes(port))) return 'host-mode port already in use';
  return undefined;
}

/** The one reason that comes without a count. */
const tooMany = 'max replicas per node limit exceed';

const nodeCount = (count: number) => `${count} node${count === 1 ? '' : 's'}`;

/** Those that the service had when the task was made. */
function hostPorts(store: Store, taskId: string): number[] {
  const { ports = [] } = store.origins.get(taskId) ?? {};
  return ports.filter(({ PublishMode }) => PublishMode === 'host').map(({ PublishedPort = 0 }) => PublishedPort);
}

/** Every constraint: `node.id==…`, `node.role!=worker`, `node.labels.zone == a`. */
export function meets({ Placement }: TaskTemplate, node: Node): boolean {
  return (Placement?.Constraints ?? []).every((constraint) => {
    const [, key = '', operator = '', value = ''] = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
    const same = attributeOf(key, node).toLowerCase() === value.toLowerCase();
    return operator === '==' ? same : !same;
  });
}

function attributeOf(key: string, { ID, Description, Spec }: Node): string {
  if (key.startsWith('node.labels.')) return Spec.Labels[key.slice('node.labels.'.length)] ?? '';
  switch (key) {
    case 'node.id':
      return ID;
    case 'node.hostname':
      return Description.Hostname;
    case 'node.role':
      return Spec.Role;
    case 'node.platform.os':
      return Description.Platform.OS;
    case 'node.platform.arch':
      return Description.Platform.Architecture;
    default:
      return '';
  }
}

function isSame(one: string, other: string): boolean {
  const plain = (text: string) => ({ x86_64: 'amd64', aarch64: 'arm64' })[text] ?? text;
  return plain(one) === plain(other);
}

function running(store: Store, node: Node): Task[] {
  return [...store.tasks.values()].filter(({ NodeID, Status }) => NodeID === node.ID && !hasEnded(Status.State));
}

const load = (store: Store, node: Node) => running(store, node).length;

function reserved(store: Store, node: Node, kind: 'MemoryBytes' | 'NanoCPUs'): number {
  return running(store, node).reduce((sum, { Spec }) => sum + (Spec.Resources?.Reservations?.[kind] ?? 0), 0);
}
