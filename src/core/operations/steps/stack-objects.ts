import type { WantedState } from '../../domain/release.ts';
import { Secret } from '../../domain/secret.ts';
import { asTyped, namesOf } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import { dockerLabel, label } from '../../swarm/labels.ts';
import { databaseNodeId, observeStack, runningTask } from '../../swarm/observe-stack.ts';
import { missingSlots } from '../../swarm/plan-stack.ts';
import { databaseInitConfig, databaseService, type Stamp } from '../../swarm/service-spec.ts';
import { generatedLength, ownSlots } from '../../swarm/slots.ts';
import { chooseNode } from './choose-node.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Step } from './step.ts';
import { endedStates, taskFailure } from './task-failure.ts';
import { taskLines } from './task-log.ts';

/** The network, secrets and database of a stack: made once, found again ever after. */
export function createNetworkStep({ stack, swarm }: StackRun): Step {
  const name = namesOf(stack).network;
  const exists = async () => (await swarm.findNetworks([name])).length > 0;
  return {
    id: 'create-network',
    check: exists,
    async do() {
      await swarm.createNetwork({
        Name: name,
        Internal: true,
        Labels: { [dockerLabel.namespace]: stack, [label.stack]: stack },
      });
    },
    verify: async () => {
      if (!(await exists())) throw new ExpectedError('engine-refused', `creating the network ${name}`);
    },
  };
}

/** A random value for every slot of ours that has none. */
export function storeSecretsStep({ stack, swarm, random }: StackRun): Step {
  const missing = async () => missingSlots(await observeStack(stack, { swarm }));
  return {
    id: 'store-secrets',
    check: async () => (await missing()).length === 0,
    async do() {
      const observed = await observeStack(stack, { swarm });
      const node = databaseNodeId(observed) ?? (await chooseNode(observed, { swarm }));
      for (const slot of missingSlots(observed)) {
        const labels = {
          ...secretLabels(stack, slot),
          ...(slot === ownSlots.superuser && { [label.node]: node }),
        };
        const value = new Secret(random(generatedLength(slot)));
        await swarm.createSecret(namesOf(stack).secret(random(10)), labels, value);
      }
    },
    verify: async () => {
      const still = await missing();
      if (still.length > 0) throw new ExpectedError('engine-refused', `storing the secrets ${still.join(', ')}`);
    },
  };
}

/** Without the stack's namespace: a stray `docker stack rm` must not delete passwords of a database that stays. */
export function secretLabels(stack: string, slot: string): Record<string, string> {
  return { [label.kind]: 'secret', [label.stack]: stack, [label.slot]: slot };
}

const databaseTimeoutMs = 15 * 60_000;

/** Postgres, up and healthy, on the node where it stays for good. */
export function startDatabaseStep(
  run: StackRun,
  state: Pick<WantedState, 'experiment' | 'environment'>,
  stamp: Stamp,
): Step {
  const { stack, swarm } = run;
  return {
    id: 'start-database',
    check: async () => {
      const observed = await observeStack(stack, { swarm });
      return runningTask(observed.tasks, observed.db?.ID) !== undefined;
    },
    async *do() {
      const observed = await observeStack(stack, { swarm });
      const { db, network, platform, secrets, publicNetwork } = observed;
      if (db) {
        if (db.Spec.Mode.Replicated?.Replicas !== 1)
          await swarm.updateService(db, { ...db.Spec, Mode: { Replicated: { Replicas: 1 } } });
      } else {
        const parts = {
          stack,
          networkId: network?.Id ?? '',
          publicNetworkId: publicNetwork.Id,
          nodeId: databaseNodeId(observed) ?? (await chooseNode(observed, { swarm })),
          secrets,
        };
        const initConfig = { id: await ensureInitConfig(run), name: databaseInitConfig.name };
        await swarm.createService(
          databaseService(state, parts, { image: platform.images.postgres, initConfig, stamp }),
        );
      }
      yield { kind: 'waiting', step: 'start-database', on: 'Postgres to accept connections' };
      await awaitDatabase(run);
    },
  };
}

async function ensureInitConfig({ swarm }: StackRun): Promise<string> {
  const { name, data } = databaseInitConfig;
  const found = (await swarm.findConfig(name)) ?? undefined;
  const id = found?.ID ?? (await swarm.createConfig(name, { [label.kind]: 'init' }, data));
  return id ?? (await swarm.findConfig(name))?.ID ?? '';
}

async function awaitDatabase({ stack, swarm, clock, signal }: StackRun): Promise<void> {
  const what = `starting the database of ${stack}`;
  const until = clock.now().getTime() + databaseTimeoutMs;
  for (;;) {
    const { db, tasks } = await observeStack(stack, { swarm });
    if (runningTask(tasks, db?.ID)) return;
    const latest = tasks
      .filter(({ ServiceID }) => ServiceID === db?.ID)
      .sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt));
    const failed = latest.filter(({ Status }) => endedStates.includes(Status.State));
    if (failed[0] && failed.length >= 3) {
      const container = failed[0].Status.ContainerStatus?.ContainerID;
      const cause = taskFailure({
        what,
        task: failed[0],
        container: container ? await swarm.inspectContainer({ id: container, nodeId: failed[0].NodeID }) : undefined,
        log: await taskLines(failed[0].ID, { swarm }),
        memoryLimitBytes: 0,
      });
      throw new ExpectedError('database-unhealthy', what, {
        why: cause.why ?? 'Postgres does not start.',
        hint: `Look at \`oforest logs ${asTyped(stack)} --part db\`.`,
        log: cause.log,
        cause,
      });
    }
    const waitingSince = latest[0] && clock.now().getTime() - Date.parse(latest[0].CreatedAt);
    const stuck = latest[0] && stuckTask(latest[0], waitingSince ?? 0, what);
    if (stuck) throw stuck;
    if (clock.now().getTime() > until)
      throw new ExpectedError('timed-out', what, {
        why: `Postgres was not ready within ${databaseTimeoutMs / 60_000} minutes (its task is ${latest[0]?.Status.State ?? 'missing'}).`,
        hint: `Look at \`oforest logs ${asTyped(stack)} --part db\`.`,
      });
    await clock.sleep(pollMs, signal);
  }
}

const graceMs = 8_000;

/** A task that Swarm cannot place, or give an address: both wait for ever and fail nowhere. */
export function stuckTask(
  task: { Status: { State: string; Err: string; Message: string } },
  waitingMs: number,
  what: string,
): ExpectedError | undefined {
  if (waitingMs < graceMs) return undefined;
  const { State, Err } = task.Status;
  if (State === 'pending' && Err !== '')
    return new ExpectedError('node-unsuitable', what, {
      why: `No node can take it: ${Err}.`,
      hint: 'Check `docker node ls`: the node of the database must be ready and active, with enough free memory.',
    });
  if (State === 'new')
    return new ExpectedError('network-exhausted', what, {
      why: 'Swarm has no free address left in one of its networks.',
      hint: 'Stop or delete studies that are done; `oforest server check` shows how many addresses are in use.',
    });
  return undefined;
}
