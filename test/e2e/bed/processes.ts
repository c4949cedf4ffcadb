import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from './layout.ts';

/** A daemon of the bed: started by us, known by its pid file, and the only kind of process we ever end. */
export interface Daemon {
  readonly name: string;
  /** One of them is a path in the bed's folder of running state: by it the process is known again. */
  readonly words: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
}

export async function startDaemon({ words, pidFile, logFile }: Daemon): Promise<void> {
  if (await pidOf(pidFile)) return;
  await mkdir(paths.run, { recursive: true });
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

/** The process of a pid file, when it runs and is ours: after a restart of the machine the number may be a stranger's. */
export async function pidOf(pidFile: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!(pid > 0 && (await isAlive(pid)))) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(paths.run) ? pid : undefined;
}

/** A zombie has ended; only nobody has asked for it yet. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

/** Throws with the end of its log when the daemon ends or takes longer than 30 s. */
export async function untilReady({ name, pidFile, logFile }: Daemon, isReady: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isReady()) return;
    if (!(await pidOf(pidFile)))
      throw new Error(`${name} ended at once; the last lines of its log:\n${await lastLines(logFile)}`);
    await pause(100);
  }
  throw new Error(`${name} was not ready within 30 s; the last lines of its log:\n${await lastLines(logFile)}`);
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-15).join('\n');
}
