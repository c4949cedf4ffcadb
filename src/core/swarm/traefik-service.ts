import type { Service, ServiceSpec } from './engine-types.ts';
import { dockerLabel, label } from './labels.ts';
import { megabytes, oneTask, placedOn, seconds, stamped, stopFirst } from './service-spec.ts';
import { acmeDirectory, type TraefikFile, type TraefikSettings } from './traefik-static.ts';

export const platformStack = 'oforest';
export const traefikName = `${platformStack}_traefik`;
const acmeVolume = `${platformStack}_acme`;

export interface TraefikParts {
  readonly image: string;
  readonly settings: TraefikSettings & { httpPort: number };
  readonly files: readonly [TraefikFile, ...TraefikFile[]];
  readonly nodeId: string;
  readonly networkId: string;
  /** The id of each file's config or secret, by name. */
  readonly fileIds: Readonly<Record<string, string>>;
  /** dockerd's socket on that node. */
  readonly dockerSocket: string;
  readonly forceUpdate: number;
}

/** The one Traefik: on one manager, on that node's own ports, so that it sees visitors and needs no ingress mesh. */
export function traefikService(parts: TraefikParts): ServiceSpec {
  const { image, settings, files, nodeId, networkId, fileIds, dockerSocket, forceUpdate } = parts;
  const ports = [
    { target: 80, published: settings.httpPort },
    ...(settings.tls.mode === 'none' ? [] : [{ target: 443, published: settings.httpsPort }]),
  ];
  const mounted = ({ target, mode }: TraefikFile) => ({ Name: target, UID: '0', GID: '0', Mode: mode }) as const;
  const of = (kind: TraefikFile['kind']) => files.filter((file) => file.kind === kind);
  const [main] = files;
  return {
    Name: traefikName,
    Labels: { [dockerLabel.namespace]: platformStack, [dockerLabel.image]: image, [label.part]: 'traefik' },
    TaskTemplate: {
      ...stamped({
        ContainerSpec: {
          Image: image,
          Labels: { [dockerLabel.namespace]: platformStack },
          Args: [`--configFile=${main.kind === 'secret' ? `/run/secrets/${main.target}` : main.target}`],
          Mounts: [
            { Type: 'bind', Source: dockerSocket, Target: '/var/run/docker.sock', ReadOnly: true },
            ...(settings.tls.mode === 'acme'
              ? [{ Type: 'volume', Source: acmeVolume, Target: acmeDirectory } as const]
              : []),
          ],
          Configs: of('config').map((file) => ({
            File: mounted(file),
            ConfigID: fileIds[file.name] ?? '',
            ConfigName: file.name,
          })),
          Secrets: of('secret').map((file) => ({
            File: mounted(file),
            SecretID: fileIds[file.name] ?? '',
            SecretName: file.name,
          })),
          StopGracePeriod: seconds(10),
          CapabilityDrop: ['ALL'],
        },
        Resources: {
          Limits: { MemoryBytes: megabytes(256), Pids: 512 },
          Reservations: { MemoryBytes: megabytes(64) },
        },
        RestartPolicy: { Condition: 'any', Delay: seconds(2) },
        ...placedOn(nodeId, networkId),
        LogDriver: { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '5' } },
      }),
      // Outside of what is stamped: who starts it once more changes no settings.
      ForceUpdate: forceUpdate,
    },
    ...oneTask,
    // Stop first, because two tasks cannot have the same port of a node.
    UpdateConfig: stopFirst('rollback', 10),
    RollbackConfig: stopFirst('pause', 5),
    EndpointSpec: {
      ...oneTask.EndpointSpec,
      Ports: ports.map(({ target, published }) => ({
        Protocol: 'tcp',
        TargetPort: target,
        PublishedPort: published,
        PublishMode: 'host',
      })),
    },
  };
}

/** Whether the service is as we would write it; what dockerd adds by itself does not count. */
export function isAsWanted(wanted: ServiceSpec, { Spec }: Pick<Service, 'Spec'>): boolean {
  return holds(Spec, wanted);
}

function holds(observed: unknown, wanted: unknown): boolean {
  if (isEmpty(wanted)) return isEmpty(observed);
  if (Array.isArray(wanted))
    return (
      Array.isArray(observed) &&
      observed.length === wanted.length &&
      wanted.every((value, at) => holds(observed[at], value))
    );
  if (typeof wanted !== 'object') return observed === wanted;
  if (typeof observed !== 'object' || observed === null) return false;
  return Object.entries(wanted as object).every(([key, value]) =>
    holds((observed as Record<string, unknown>)[key], value),
  );
}

/** dockerd drops zeros, empty lists and empty maps. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
