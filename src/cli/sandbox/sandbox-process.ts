import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ExpectedError } from '../../core/index.ts';
import type { SandboxHome } from './sandbox-home.ts';

const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** Whether a process serves this home now. */
async function isServed({ servingFile, ports }: SandboxHome): Promise<boolean> {
  return (await readPid(servingFile)) !== undefined && (await listens(ports.ssh));
}

/**
 * Starts the sandbox as a process of its own where none serves it, and waits until it lets people in. Returns whether it
 * was started. Throws `operation-failed` with the end of its log.
 */
export async function startSandbox(home: SandboxHome): Promise<boolean> {
  if (await isServed(home)) return false;
  await mkdir(home.dir, { recursive: true });
  await using log = await open(home.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'sandbox', 'serve', '--quiet', '--color', 'never'], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: '/',
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  const until = Date.now() + startTimeoutMs;
  // One that ended because another was faster is no failure: that other one answers soon.
  while (Date.now() < until) {
    if (await isServed(home)) return true;
    if (ended && !(await listens(home.ports.ssh))) break;
    await pause(50);
  }
  const lines = (await readFile(home.logFile, 'utf8')).trim().split('\n').slice(-10);
  throw new ExpectedError('operation-failed', 'starting the sandbox', {
    why: 'Its process ended, or did not answer within 30 s.',
    hint: `Run \`oforest sandbox serve\` to see what it says; \`oforest sandbox reset\` begins anew.`,
    log: lines,
  });
}

/** Ends the process that serves this home; false when there was none. */
export async function stopSandbox(home: SandboxHome): Promise<boolean> {
  const pid = await readPid(home.servingFile);
  if (pid === undefined || !(await listens(home.ports.ssh))) return false;
  process.kill(pid, 'SIGTERM');
  const until = Date.now() + stopTimeoutMs;
  while (await listens(home.ports.ssh)) {
    if (Date.now() > until)
      throw new ExpectedError('timed-out', 'ending the sandbox', {
        why: `The process ${pid} still serves it after 10 s.`,
        hint: `End it yourself: kill ${pid}`,
      });
    await pause(50);
  }
  return true;
}

/** Forgets everything but keys and ports: the next start begins with the first studies again. */
export async function resetSandbox(home: SandboxHome): Promise<void> {
  await stopSandbox(home);
  await rm(home.stateFile, { force: true });
}

/** Undefined also for a process that ended without tidying up. */
async function readPid(servingFile: string): Promise<number | undefined> {
  const text = await readFile(servingFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid } = JSON.parse(text) as { pid: number };
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.once('error', () => resolve(false));
  socket.once('connect', () => {
    socket.destroy();
    resolve(true);
  });
  return promise;
}
