import { formatImageReference } from '../../src/core/domain/image-reference.ts';
import type { Platform } from '../../src/core/domain/platform.ts';
import {
  applyPlatform,
  type PlatformEvent,
  type PlatformPlan,
  planPlatform,
} from '../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../src/core/operations/platform/wanted-platform.ts';
import type { RegistryGateway } from '../../src/core/registry/gateway.ts';
import { Service } from '../../src/core/swarm/engine-types.ts';
import type { SwarmGateway } from '../../src/core/swarm/gateway.ts';
import { catalog } from '../../src/sandbox/images/catalog.ts';
import { manifestOf, type SandboxImage } from '../../src/sandbox/images/image.ts';
import { postgresProgram } from '../../src/sandbox/programs/postgres.ts';
import type { Program } from '../../src/sandbox/programs/program.ts';
import { traefikProgram } from '../../src/sandbox/programs/traefik.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { aLabelledService } from './builders.ts';
import { openSandboxLab, type SandboxLab } from './sandbox-lab.ts';

/** A sandbox that is about to become a platform, on the images that a platform runs where nobody names others. */
export interface PlatformLab extends SandboxLab {
  readonly swarm: SwarmGateway;
  plan(request: PrepareRequest, registry?: RegistryGateway): Promise<PlatformPlan>;
  apply(plan: PlatformPlan, swarm?: SwarmGateway): Promise<{ events: PlatformEvent[]; platform: Platform }>;
  prepareWith(request: PrepareRequest, swarm?: SwarmGateway): Promise<{ events: PlatformEvent[]; platform: Platform }>;
  /** As it is now, by its name. */
  service(name: string): Service | undefined;
  remove(service: string): Promise<void>;
  /** The web service of a study, as far as a platform looks at it. */
  addStudy(stack: string, more?: { host?: string; replicas?: number }): Promise<void>;
  /** Another service than ours, which wants this port of the node, and has it from the next moment that it is free. */
  takePort(port: number): Promise<void>;
  /** What runs of the service ends with this exit code. */
  crash(service: string, exitCode: number): void;
  /** `create-network oforest_public`: what came, changed and went, in this order, as dockerd's events tell. */
  happened(): string[];
  /** How many requests have asked for a write. */
  writes(): number;
}

const image = (repository: string, tag: string, program: Program): SandboxImage => ({
  repository,
  tag,
  platform: { os: 'linux', architecture: 'amd64' },
  program,
});
export const traefikImage = image('traefik', 'v3.7', traefikProgram);
export const postgresImage = image('postgres', '17', postgresProgram);

/** @param images beside the usual ones, or in their place */
export async function openPlatformLab({
  images = {},
  ...options
}: Partial<Omit<SandboxOptions, 'images'>> & {
  images?: Readonly<Record<string, Program>>;
} = {}): Promise<PlatformLab> {
  const more = Object.entries(images).map(([name, program]) => {
    const [repository = '', tag = ''] = name.split(':');
    return image(repository, tag, program);
  });
  const offered = [...catalog, traefikImage, postgresImage, ...more];
  const lab = await openSandboxLab({
    start: Date.UTC(2027, 0, 1),
    nodes: [{ hostname: 'host-node1' }],
    ...options,
    images: offered,
  });
  const { swarm } = lab.server;
  const { clock, signal, sandbox } = lab;
  const { store } = sandbox.model;
  const find = (name: string) => [...store.services.values()].find(({ Spec }) => Spec.Name === name);
  const usual = registryOf(offered);
  const plan: PlatformLab['plan'] = (request, registry = usual) =>
    planPlatform(request, { swarm, registry, clock, signal });
  const apply: PlatformLab['apply'] = async (made, through = swarm) => {
    const events: PlatformEvent[] = [];
    const applying = applyPlatform(made, { swarm: through, clock, signal });
    for (;;) {
      const next = await applying.next();
      if (next.done) return { events, platform: next.value };
      events.push(next.value);
    }
  };
  return {
    ...lab,
    swarm,
    plan,
    apply,
    prepareWith: async (request, through) => apply(await plan(request), through),
    service(name) {
      const service = find(name);
      return service && Service.parse(structuredClone(service));
    },
    async remove(name) {
      await swarm.removeService(find(name)?.ID ?? '');
    },
    async addStudy(stack, { host = `${stack}.lab.test`, replicas } = {}) {
      const labels = { 'org.oforest.part': 'web', 'org.oforest.stack': stack, 'org.oforest.host': host };
      await swarm.createService(
        aLabelledService(`${stack}_web`, labels, { ...(replicas !== undefined && { replicas }) }),
      );
    },
    async takePort(port) {
      await swarm.createService(aLabelledService('other', {}, { replicas: 1, port }));
    },
    crash(name, exitCode) {
      const running = sandbox.model.runningTask(name);
      if (!running) throw new Error(`nothing of ${name} runs`);
      sandbox.model.agent.crash(running.task, exitCode);
    },
    happened: () => store.events.map(({ Type, Action, Actor }) => `${Action}-${Type} ${Actor.Attributes.name}`),
    writes: () => sandbox.engine.calls.filter((call) => call.writes).length,
  };
}

/** A program that ends at once. */
export const endsWith =
  (exitCode: number): Program =>
  (container) => {
    container.exit(exitCode);
    return {};
  };

/** A program whose container cannot be started, in dockerd's words. */
export const cannotStart =
  (startError: string): Program =>
  (container) => {
    container.exit(128);
    return { startError };
  };

/** Of every tag the digest that these images have; `moved` are those that somebody pushed to since. */
export function registryOf(
  images: readonly SandboxImage[],
  moved: Readonly<Record<string, string>> = {},
): RegistryGateway & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    async resolve(reference) {
      const name = formatImageReference(reference);
      asked.push(name);
      const found = images.findLast(({ repository, tag }) => name.endsWith(`/${repository}:${tag}`));
      const digest =
        Object.entries(moved).find(([part]) => name.includes(part))?.[1] ??
        (found ? manifestOf(found).digest : `sha256:${'f'.repeat(64)}`);
      return { reference: { ...reference, digest }, platforms: [{ os: 'linux', architecture: 'amd64' }] };
    },
  };
}
