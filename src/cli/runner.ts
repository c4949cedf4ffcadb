import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { leaveToKeeper, type Server } from '../core/index.ts';
import type { CliContext } from './context.ts';

export interface Runner {
  /** Where it runs: on the server, whatever happens to this computer; or here, as a process of its own. */
  readonly where: 'keeper' | 'here';
  /** Whether the process has ended; it never ends before its operation unless something killed it. */
  readonly gone: () => boolean;
}

/** Leaves the accepted operation to the keeper where one lives on the server; starts a process for it here otherwise. */
export async function startRunner(operation: string, server: Server, context: CliContext): Promise<Runner> {
  if (await leaveToKeeper(operation, server)) return { where: 'keeper', gone: () => false };
  return await startHere(operation, server, context);
}

/**
 * A process of its own that runs the accepted operation to its end, whatever happens to this one: own session, own log in
 * the state directory. It gets passphrases over its stdin, because it has no terminal to ask at.
 */
async function startHere(operation: string, server: Server, context: CliContext): Promise<Runner> {
  const logDir = join(context.stateDir, 'log');
  await mkdir(logDir, { recursive: true, mode: 0o700 });
  await using log = await open(join(logDir, `${operation}.log`), 'a', 0o600);
  const [node, program] = [process.execPath, process.argv[1] ?? ''];
  const words = ['run', operation, '--server', server.name, '--no-input', '--color', 'never'];
  const child = spawn(node, [program, ...words], {
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    env: { ...process.env, OFOREST_CONFIG: context.configPath },
  });
  let gone = false;
  child.once('exit', () => {
    gone = true;
  });
  child.once('error', () => {
    gone = true;
  });
  child.stdin?.on('error', () => {
    // The runner ended before it read: `gone` tells, and the log says why.
  });
  child.stdin?.end(context.passphrases.forRunner());
  child.unref();
  return { where: 'here', gone: () => gone };
}
