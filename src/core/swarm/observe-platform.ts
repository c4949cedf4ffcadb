import { type Platform, publicNetwork } from '../domain/platform.ts';
import { findPlatform } from '../records/platform-record.ts';
import { closedPageName } from './closed-page.ts';
import type { ConfigObject, EngineInfo, Network, Node, SecretObject, Service, Task } from './engine-types.ts';
import type { SwarmGateway } from './gateway.ts';
import { dockerLabel, label } from './labels.ts';
import { platformStack, traefikName } from './traefik-service.ts';

/** What all studies of a Swarm share, read once. */
export interface ObservedPlatform {
  readonly manager: EngineInfo;
  readonly nodes: readonly Node[];
  readonly networks: readonly Network[];
  readonly publicNetwork: Network | undefined;
  readonly traefik: Service | undefined;
  readonly traefikTasks: readonly Task[];
  /** Answers at the addresses of closed studies. */
  readonly closedPage: Service | undefined;
  readonly closedPageTasks: readonly Task[];
  /** The web services of all studies, stopped ones too. */
  readonly studies: readonly Service[];
  /** Traefik's own files. */
  readonly configs: readonly ConfigObject[];
  readonly secrets: readonly SecretObject[];
  /** Undefined on a Swarm that was never prepared. */
  readonly platform: (Platform & { number: number }) | undefined;
}

/** The value of `kind` for the files of Traefik; they carry no stack, so that `docker stack rm` leaves them. */
export const traefikFileKind = 'traefik';

/** Throws `swarm-inactive`, `not-a-manager`, `quorum-lost`. */
export async function observePlatform({ swarm }: { swarm: SwarmGateway }): Promise<ObservedPlatform> {
  const manager = await swarm.observeManager();
  const files = { label: label.kind, value: traefikFileKind };
  const ofPlatform = { label: dockerLabel.namespace, value: platformStack };
  const [nodes, networks, services, tasks, studies, configs, secrets, platform] = await Promise.all([
    swarm.listNodes(),
    swarm.listNetworks(),
    swarm.listServices(ofPlatform),
    swarm.listTasks(ofPlatform),
    swarm.listServices({ label: label.part, value: 'web' }),
    swarm.listConfigs(files),
    swarm.listSecrets(files),
    findPlatform(swarm),
  ]);
  const called = (name: string) => services.find(({ Spec }) => Spec.Name === name);
  const tasksOf = (service: Service | undefined) => tasks.filter(({ ServiceID }) => ServiceID === service?.ID);
  const [traefik, closedPage] = [called(traefikName), called(closedPageName)];
  return {
    manager,
    nodes,
    networks,
    publicNetwork: networks.find(({ Name }) => Name === publicNetwork),
    traefik,
    traefikTasks: tasksOf(traefik),
    closedPage,
    closedPageTasks: tasksOf(closedPage),
    studies,
    configs,
    secrets,
    platform,
  };
}
