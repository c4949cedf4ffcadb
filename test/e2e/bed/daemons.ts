import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { keyFiles } from './keys.ts';
import { bedDir, daemonFiles, dockerSocket, paths, ports, registry, users } from './layout.ts';
import { type Daemon, pidOf, startDaemon, stopDaemon, untilReady } from './processes.ts';
import { docker, dockerCommand, run, succeeds } from './shell.ts';

const ownPidFile = join(paths.run, 'dockerd.own.pid');
const dockerd: Daemon = {
  ...daemonFiles('dockerd'),
  words: [
    'dockerd',
    `--data-root=${join(bedDir, 'docker')}`,
    `--exec-root=${join(bedDir, 'exec')}`,
    `--pidfile=${ownPidFile}`,
    `--host=unix://${dockerSocket}`,
    '--group=docker',
    '--log-level=warn',
  ],
};

export async function startDockerd(): Promise<void> {
  if (!(await pidOf(dockerd.pidFile))) {
    if (await answers()) {
      throw new Error(
        `Another dockerd answers on ${dockerSocket}. The bed brings its own and would mix with it: stop that one first, or run the bed in a virtual machine.`,
      );
    }
    // One that was killed leaves these, and dockerd takes any process of such a number, even a zombie, for the one it means.
    for (const file of [ownPidFile, join(bedDir, 'exec/containerd/containerd.pid')]) await rm(file, { force: true });
  }
  await startDaemon(dockerd);
  await untilReady(dockerd, answers);
}

export const dockerdRuns = async (): Promise<boolean> => (await pidOf(dockerd.pidFile)) !== undefined;

const answers = () => succeeds('timeout', ['5', dockerCommand, '--host', `unix://${dockerSocket}`, 'version']);

/** A Swarm of one node without anything of an earlier run in it. */
export async function freshSwarm(): Promise<void> {
  await leaveSwarm();
  await removeLeftOverVxlan();
  await docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
}

async function leaveSwarm(): Promise<void> {
  await docker('swarm', 'leave', '--force').catch(() => {});
  const containers = (await docker('ps', '-aq')).split('\n').filter(Boolean);
  if (containers.length > 0) await docker('rm', '-f', ...containers);
  await docker('volume', 'prune', '-f');
}

/** A Swarm that was left with tasks running leaves these, and the next overlay network of that number cannot begin. */
async function removeLeftOverVxlan(): Promise<void> {
  const links = (await run('ip', ['-o', 'link', 'show', 'type', 'vxlan'])).split('\n');
  for (const line of links) {
    const name = /^\d+: (vx-[\w-]+)/.exec(line)?.[1];
    if (name) await run('ip', ['link', 'delete', name]);
  }
}

export async function stopDockerd(): Promise<void> {
  if (await pidOf(dockerd.pidFile)) await leaveSwarm();
  await stopDaemon(dockerd);
  await unmountLeftOver();
}

/** A dockerd that was killed leaves mounts behind, and nothing can be deleted under them. */
async function unmountLeftOver(): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${bedDir}/`)).reverse())
    await run('umount', ['-l', mount]);
}

const registryDaemon: Daemon = {
  ...daemonFiles('registry'),
  words: ['docker-registry', 'serve', join(paths.run, 'registry.yml')],
};

export async function startRegistry(): Promise<void> {
  await mkdir(paths.registry, { recursive: true });
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: paths.registry }, delete: { enabled: true } },
    http: { addr: registry },
  };
  await writeFile(join(paths.run, 'registry.yml'), JSON.stringify(config));
  await startOnPort(registryDaemon, Number(registry.split(':')[1]));
}

export const stopRegistry = (): Promise<void> => stopDaemon(registryDaemon);

const sshd = (name: string, port: number): Daemon => ({
  ...daemonFiles(name),
  words: ['/usr/sbin/sshd', '-D', '-e', '-f', join(paths.run, `${name}.conf`), '-p', String(port)],
});
const sshds = {
  sshd: { daemon: sshd('sshd', ports.ssh), extra: [] },
  'sshd-no-forwarding': {
    daemon: sshd('sshd-no-forwarding', ports.sshNoForwarding),
    extra: ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'],
  },
} as const;

/** Two doors to the same machine: one as most servers have it, one that forwards nothing. */
export async function startSshds(): Promise<void> {
  await mkdir('/run/sshd', { recursive: true });
  await makeUser(users.docker, ['--groups', 'docker']);
  await makeUser(users.noDocker, []);
  for (const [name, { daemon, extra }] of Object.entries(sshds)) {
    const lines = [
      'ListenAddress 127.0.0.1',
      `HostKey ${keyFiles.host}`,
      `HostKey ${keyFiles.hostEcdsa}`,
      `AuthorizedKeysFile ${keyFiles.authorized}`,
      'PasswordAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'MaxStartups 100',
      `PidFile ${join(paths.run, `${name}.own.pid`)}`,
      ...extra,
    ];
    await writeFile(join(paths.run, `${name}.conf`), `${lines.join('\n')}\n`);
    await startOnPort(daemon, name === 'sshd' ? ports.ssh : ports.sshNoForwarding);
  }
}

export async function stopSshds(): Promise<void> {
  for (const { daemon } of Object.values(sshds)) await stopDaemon(daemon);
}

async function makeUser(name: string, options: readonly string[]): Promise<void> {
  if (await succeeds('id', [name])) return;
  // '*' is no password that could be typed, and yet no locked account: sshd without PAM refuses those.
  await run('useradd', ['--create-home', '--shell', '/bin/bash', '--password', '*', ...options, name]);
}

async function startOnPort(daemon: Daemon, port: number): Promise<void> {
  if (!(await pidOf(daemon.pidFile)) && (await listens(port))) {
    throw new Error(
      `Another program listens on port ${port}, which the bed's ${daemon.name} needs. Stop that one first.`,
    );
  }
  await startDaemon(daemon);
  await untilReady(daemon, () => listens(port));
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port }, () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
