import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A daemon of the bed: started by us, known by its pid file, and the only kind of process we ever end. */
export interface Daemon {
  readonly name: string;
  readonly words: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
}

export async function startDaemon({ words, pidFile, logFile }: Daemon): Promise<void> {
  if (await pidOf(pidFile)) return;
  await mkdir(dirname(pidFile), { recursive: true });
  await using log = await open(logFile, 'a');
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  child.unref();
  await writeFile(pidFile, String(child.pid));
}

export async function stopDaemon({ name, pidFile }: Pick<Daemon, 'name' | 'pidFile'>): Promise<void> {
  const pid = await pidOf(pidFile);
  if (pid) process.kill(pid, 'SIGTERM');
  for (let tries = 0; pid && (await isAlive(pid)); tries += 1) {
    if (tries === 300) throw new Error(`${name} (process ${pid}) does not end`);
    await pause(100);
  }
  await rm(pidFile, { force: true });
}

export async function pidOf(pidFile: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  return pid > 0 && (await isAlive(pid)) ? pid : undefined;
}

/** A zombie has ended; only nobody has asked for it yet. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

export async function untilReady(what: string, isReady: () => Promise<boolean>, logFile: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isReady()) return;
    await pause(100);
  }
  throw new Error(`${what} was not ready within 30 s; the last lines of its log:\n${await lastLines(logFile)}`);
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-15).join('\n');
}
