import { wayTo } from '../../src/cli/sandbox/in-process.ts';
import { openServerOver } from '../../src/core/open-server.ts';
import { ConfigObject } from '../../src/core/swarm/engine-types.ts';
import type { SwarmGateway } from '../../src/core/swarm/gateway.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { drivenTimeline } from '../../src/sandbox/timeline.ts';

/** The configs of a sandbox, its manager's clock that a test moves, and somebody else who may be quicker than we are. */
export interface RecordLab extends AsyncDisposable {
  readonly swarm: SwarmGateway;
  /** As they are now, the oldest first. */
  readonly configs: readonly ConfigObject[];
  /** By exact name; throws when there is none. */
  config(name: string): ConfigObject;
  pass(seconds: number): void;
  /** What somebody else does right before our next write. */
  beforeNextWrite(other: () => Promise<unknown> | unknown): void;
}

export async function openRecordLab(): Promise<RecordLab> {
  const timeline = drivenTimeline(Date.parse('2027-01-01T09:00:00Z'));
  const sandbox = createSandbox({ timeline, images: [], seed: 1 });
  const server = await openServerOver(wayTo(sandbox), { signal: new AbortController().signal });
  let interfere: (() => Promise<unknown> | unknown) | undefined;
  async function othersFirst() {
    const other = interfere;
    interfere = undefined;
    await other?.();
  }

  const lab: RecordLab = {
    swarm: {
      ...server.swarm,
      async createConfig(...config) {
        await othersFirst();
        return await server.swarm.createConfig(...config);
      },
      async relabelConfig(...change) {
        await othersFirst();
        return await server.swarm.relabelConfig(...change);
      },
    },
    get configs() {
      return [...sandbox.model.store.configs.values()].map((config) => ConfigObject.parse(config));
    },
    config(name) {
      const config = lab.configs.find(({ Spec }) => Spec.Name === name);
      if (config) return config;
      throw new Error(`there is no config ${name}, only ${lab.configs.map(({ Spec }) => Spec.Name).join(', ')}`);
    },
    pass: (seconds) => timeline.advance(seconds * 1000),
    beforeNextWrite(other) {
      interfere = other;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return lab;
}
