import { afterEach, beforeEach } from 'vitest';
import { parseStackName } from '../../../../src/core/domain/stack-name.ts';
import { type KeeperNeeds, runKeeper } from '../../../../src/core/operations/keeper/keeper.ts';
import { describeKeeperLine, type KeeperLine } from '../../../../src/core/operations/keeper/keeper-report.ts';
import { acquireLock } from '../../../../src/core/records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../../../../src/core/records/operation-record.ts';
import { aRequest } from '../../../support/builders.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';

/** What the operations of these tests are done to, and by whom. */
export const stack = parseStackName('trust');
export const anna = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;

/** For every test of a file a sandbox, keepers that live on it, and operations for them to take. */
export function keepersForEachTest(options: { start?: number } = {}) {
  let lab: SandboxLab;
  const stops: AbortController[] = [];
  const ended: Promise<void>[] = [];
  beforeEach(async () => {
    lab = await openSandboxLab(options);
    await lab.prepare();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop.abort();
    await Promise.all(ended.splice(0));
    await lab[Symbol.asyncDispose]();
  });

  const pass = (seconds: number) => lab.clock.sleep(seconds * 1000, lab.signal);
  const now = () => lab.clock.now().getTime();
  /** Seconds of the sandbox's time until it holds. */
  async function until(holds: () => boolean | Promise<boolean>, limitSeconds = 200): Promise<number> {
    const from = now();
    while (!(await holds())) {
      if (now() - from > limitSeconds * 1000) throw new Error(`still not after ${limitSeconds} s: ${holds}`);
      await pass(1);
    }
    return (now() - from) / 1000;
  }

  /** An operation of the stack that somebody has begun, and nobody runs yet. */
  async function accept(id: string, more: Parameters<typeof aRequest>[0] = {}) {
    const lock = await acquireLock({ stack, operation: id, verb: 'restart', actor: anna }, lab.server);
    const createdAt = lab.clock.now().toISOString();
    await createOperationRecord({ request: aRequest({ id, stack, actor: anna, createdAt, ...more }) }, lab.server);
    return lock;
  }
  async function finish(id: string) {
    await noteOperation(id, { state: 'succeeded' }, lab.server);
    const lock = await lab.server.swarm.findConfig('of.lock.trust');
    if (lock) await lab.server.swarm.relabelConfig(lock, { ...lock.Spec.Labels, 'org.oforest.operation': '' });
  }
  const stateOf = async (id: string) => (await findOperation(id, lab.server))?.state;

  /** A keeper that finishes at once whatever it runs, unless told otherwise. */
  function start(name: string, more: Partial<KeeperNeeds> = {}) {
    const lines: KeeperLine[] = [];
    const ran: string[] = [];
    const stop = new AbortController();
    stops.push(stop);
    const end = runKeeper({
      swarm: lab.server.swarm,
      clock: lab.clock,
      signal: stop.signal,
      name,
      run: async (id) => {
        ran.push(id);
        await finish(id);
      },
      resume: async () => true,
      say: (line) => lines.push(line),
      ...more,
    });
    // One that was cut off for good never ends.
    if (!more.swarm) ended.push(end);
    return {
      lines,
      ran,
      stop,
      end,
      kinds: () => lines.map(({ kind }) => kind),
      said: () => lines.map(describeKeeperLine),
    };
  }

  return {
    get lab() {
      return lab;
    },
    ...{ pass, now, until, accept, finish, stateOf, start },
  };
}
