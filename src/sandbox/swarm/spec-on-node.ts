import type { ContainerSpec, ServiceSpec, Task } from './objects.ts';
import type { Store } from './store.ts';

/** What a node of the sandbox has outside of its containers. */
const hostPaths = /^\/(?:var\/run|run|etc|tmp|proc|sys)(?:\/|$)/;

/** dockerd's words for a mount that the node cannot make; undefined where there is none. */
export function mountError({ Mounts = [] }: ContainerSpec): string | undefined {
  const lost = Mounts.find(({ Type, Source = '' }) => Type === 'bind' && !hostPaths.test(Source));
  return lost && `invalid mount config for type "bind": bind source path does not exist: ${lost.Source}`;
}

/** What a task reports of the ports that it publishes on its node. */
export function portStatus(spec: ServiceSpec | undefined): Task['Status']['PortStatus'] {
  const Ports = (spec?.EndpointSpec?.Ports ?? []).filter(({ PublishMode }) => PublishMode === 'host');
  // One for IPv4 and one for IPv6.
  return Ports.length > 0 ? { Ports: [...Ports, ...Ports] } : {};
}

/** The spec with the Go templates of its variables filled in: what the node knows of the task, and texts in quotes. */
export function expanded(store: Store, task: Task): ContainerSpec {
  const { ContainerSpec } = task.Spec;
  if (!ContainerSpec.Env?.some((variable) => variable.includes('{{'))) return ContainerSpec;
  const node = store.nodes.get(task.NodeID ?? '');
  const known: Readonly<Record<string, string>> = {
    '.Service.ID': task.ServiceID,
    '.Service.Name': store.serviceNameOf(task.ID),
    '.Node.ID': task.NodeID ?? '',
    '.Node.Hostname': node?.Description.Hostname ?? '',
    '.Task.ID': task.ID,
    '.Task.Name': store.nameOf(task),
    '.Task.Slot': String(task.Slot ?? 0),
  };
  const expand = (text: string) =>
    text.replace(/\{\{\s*("(?:[^"\\]|\\.)*"|[.\w]+)\s*\}\}/g, (_whole, word: string) =>
      word.startsWith('"') ? (JSON.parse(word) as string) : (known[word] ?? ''),
    );
  return { ...ContainerSpec, Env: ContainerSpec.Env.map(expand) };
}

/** The files that a container finds: secrets and configs by path, in base64 as they are stored. */
export function filesOf(store: Store, { Spec: { ContainerSpec } }: Task): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { File, SecretID } of ContainerSpec.Secrets ?? [])
    files[File.Name.startsWith('/') ? File.Name : `/run/secrets/${File.Name}`] =
      store.secrets.get(SecretID)?.Spec.Data ?? '';
  for (const { File, ConfigID } of ContainerSpec.Configs ?? [])
    files[File.Name.startsWith('/') ? File.Name : `/${File.Name}`] = store.configs.get(ConfigID)?.Spec.Data ?? '';
  return files;
}
