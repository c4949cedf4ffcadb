import { deepEqual } from 'node:assert/strict';
import { runHere, wayTo } from '../../src/cli/sandbox/in-process.ts';
import { randomText } from '../../src/core/clock.ts';
import type { OperationEvent } from '../../src/core/domain/operation-event.ts';
import { ExpectedError } from '../../src/core/errors.ts';
import { openServerOver, type Server } from '../../src/core/open-server.ts';
import { expectedSteps } from '../../src/core/operations/expected-steps.ts';
import { followOperation } from '../../src/core/operations/follow-operation.ts';
import { applyPlatform, planPlatform } from '../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../src/core/operations/platform/wanted-platform.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import { resumeOperation, startOperation } from '../../src/core/operations/start-operation.ts';
import { findOperation } from '../../src/core/records/operation-record.ts';
import { catalog } from '../../src/sandbox/images/catalog.ts';
import { createSandbox, registryPort, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { clockOn, selfDrivenTimeline } from '../../src/sandbox/timeline.ts';
import { stepsTaken } from './steps-taken.ts';

/** A sandbox in this process with core's gateways on it, and a clock that moves by itself. */
export interface SandboxLab extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly server: Server;
  readonly clock: ReturnType<typeof clockOn>;
  readonly signal: AbortSignal;
  /** `localhost:5000/samples/trust-game:v1` */
  image(name: string): string;
  prepare(request?: Partial<PrepareRequest>): Promise<void>;
  /** Starts a reviewed operation, runs it, and returns its events; throws nothing but bugs. */
  run(review: Review): Promise<OperationEvent[]>;
  /** As a command does: an interrupted operation is ended first, and then it is looked again. Nothing to do: no events. */
  carryOut(look: () => Promise<Review>): Promise<OperationEvent[]>;
  /** Runs an accepted operation, as `oforest run` does. One that ends well has to take the steps that core says it has. */
  runAccepted(id: string): Promise<OperationEvent[]>;
  /** `kill -9`: nothing that this process has begun reaches the sandbox any more. */
  kill(): void;
}

export async function openSandboxLab({
  start,
  ...options
}: Partial<SandboxOptions> & { start?: number } = {}): Promise<SandboxLab> {
  const timeline = options.timeline ?? selfDrivenTimeline(start);
  return await openLabOn(createSandbox({ images: catalog, seed: 1, ...options, timeline }));
}

/** Another process of oForest on a sandbox that is there already. */
export async function openLabOn(sandbox: Sandbox): Promise<SandboxLab> {
  const clock = clockOn(sandbox.timeline);
  const closing = new AbortController();
  const { signal } = closing;
  const server = await openServerOver(wayTo(sandbox), { signal });
  const { swarm } = server;
  const image = (name: string) => `localhost:${registryPort}/${name}`;
  const lab: SandboxLab = {
    sandbox,
    server,
    clock,
    signal,
    image,
    async prepare(request = {}) {
      const images = { traefik: image('traefik:3.7'), postgres: image('postgres:15') };
      const wanted = { domain: 'lab.test', images, tls: { mode: 'none' }, ...request } as PrepareRequest;
      const plan = await planPlatform(wanted, { swarm, registry: server.registry, clock, signal });
      for await (const _event of applyPlatform(plan, { swarm, clock, signal })) {
        // Nobody watches.
      }
    },
    async run(review) {
      const actor = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
      return await lab.runAccepted(await startOperation(review, { actor }, { swarm, clock, random: randomText }));
    },
    async carryOut(look) {
      for (;;) {
        const review = await look();
        const { stack, plan, interrupted } = review;
        if (plan.length === 0) return [];
        if (!interrupted) return await lab.run(review);
        const { operation } = interrupted;
        if (await resumeOperation({ stack, operation }, { swarm })) await lab.runAccepted(operation);
      }
    },
    async runAccepted(id) {
      await runHere(id, { server, clock, signal, runner: 'test:1' });
      const events: OperationEvent[] = [];
      for await (const event of followOperation(id, { swarm, clock, signal })) events.push(event);
      await checkSteps(id, events);
      return events;
    },
    kill: () => closing.abort(new ExpectedError('cancelled', 'running in this process', { why: 'It was killed.' })),
    async [Symbol.asyncDispose]() {
      closing.abort(new ExpectedError('cancelled', 'closing the lab'));
      await server[Symbol.asyncDispose]();
    },
  };
  return lab;

  async function checkSteps(id: string, events: readonly OperationEvent[]): Promise<void> {
    const steps = stepsTaken(events);
    // What an earlier run has done is not done again; and after a missing answer it is asked whether it was done.
    const isStraight = !steps.includes('fence') && !steps.includes('reopen-database');
    if (events.at(-1)?.kind !== 'operation-finished' || !isStraight) return;
    const record = await findOperation(id, { swarm });
    if (record) deepEqual(steps, expectedSteps(record.request), `the steps of the ${record.request.verb} are others`);
  }
}
