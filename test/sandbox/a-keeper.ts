import { runHere } from '../../src/cli/sandbox/in-process.ts';
import type { StackName } from '../../src/core/domain/stack-name.ts';
import { runKeeper } from '../../src/core/operations/keeper/keeper.ts';
import { describeKeeperLine, type KeeperLine } from '../../src/core/operations/keeper/keeper-report.ts';
import { resumeOperation } from '../../src/core/operations/start-operation.ts';
import { holderOf } from '../../src/core/records/lock.ts';
import { endStates } from '../../src/core/records/operation-record.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import type { SandboxLab } from '../support/sandbox-lab.ts';

const limitMs = 30 * 60_000;

/** A keeper lives until nothing of the stack is unfinished or held. What it said went wrong, or that it is not done in half an hour. */
export async function keepUntilQuiet(
  { server, clock, signal }: SandboxLab,
  stack: StackName,
): Promise<string | undefined> {
  const stop = new AbortController();
  const problems: KeeperLine[] = [];
  const runner = 'keeper:1';
  const ended = runKeeper({
    swarm: server.swarm,
    clock,
    signal: stop.signal,
    name: runner,
    run: (id) => runHere(id, { server, clock, signal, runner }),
    resume: (operation) => resumeOperation(operation, server),
    say: (line) => {
      if (line.kind === 'problem') problems.push(line);
    },
  });
  const from = clock.now().getTime();
  const isBusy = async () => {
    const { operations, lock } = await observeStack(stack, server);
    return operations.some(({ state }) => !endStates.includes(state)) || (lock && holderOf(lock) !== undefined);
  };
  let late = false;
  while (!late && (await isBusy())) {
    await clock.sleep(5_000, signal);
    late = clock.now().getTime() - from > limitMs;
  }
  stop.abort();
  await ended;
  if (late) return 'not done in half an hour';
  return problems.length > 0 ? problems.map(describeKeeperLine).join(' ') : undefined;
}
