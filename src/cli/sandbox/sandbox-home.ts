import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SshServerConfig } from '../../core/index.ts';
import { makeKeyPair } from '../../sandbox/doors/key-pair.ts';

export const sandboxUser = 'oforest';
export const sandboxDomain = 'sandbox.localhost';

export interface SandboxPorts {
  readonly ssh: number;
  readonly http: number;
  readonly https: number;
}

/** Where the sandbox of this user lives: its keys and ports for good, its state from run to run. */
export interface SandboxHome {
  readonly dir: string;
  readonly ports: SandboxPorts;
  /** The private half of the server's own key, and the key that may log in. */
  readonly hostKey: string;
  readonly userKey: string;
  readonly stateFile: string;
  /** The process that serves it: `{ pid }`. */
  readonly servingFile: string;
  readonly logFile: string;
  readonly sshConfigFile: string;
  readonly server: SshServerConfig;
}

const usualPorts: SandboxPorts = { ssh: 7022, http: 7080, https: 7443 };

/**
 * Reads the home, and makes it on the first use; of two processes that do so at once, one wins and both agree. A new one
 * gets the wanted ports, or the next that are free.
 */
export async function openSandboxHome(stateDir: string, wanted = usualPorts): Promise<SandboxHome> {
  const dir = join(stateDir, 'sandbox');
  return (await readHome(dir)) ?? (await makeHome(dir, wanted));
}

async function readHome(dir: string): Promise<SandboxHome | undefined> {
  const text = await readFile(join(dir, 'ports.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const ports = JSON.parse(text) as SandboxPorts;
  const [hostKey, userKey] = await Promise.all([
    readFile(join(dir, 'host_key'), 'utf8'),
    readFile(join(dir, 'id_ed25519.pub'), 'utf8'),
  ]);
  const identityFile = join(dir, 'id_ed25519');
  const knownHostsFile = join(dir, 'known_hosts');
  return {
    dir,
    ports,
    hostKey,
    userKey,
    stateFile: join(dir, 'state.json'),
    servingFile: join(dir, 'serving.json'),
    logFile: join(dir, 'sandbox.log'),
    sshConfigFile: join(dir, 'ssh_config'),
    server: { host: '127.0.0.1', port: ports.ssh, user: sandboxUser, identityFile, knownHostsFile },
  };
}

async function makeHome(dir: string, wanted: SandboxPorts): Promise<SandboxHome> {
  const draft = `${dir}.${randomUUID()}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const [hostKey, userKey] = [makeKeyPair(), makeKeyPair()];
  const { ssh, http, https } = wanted;
  const ports = { ssh: await freePort(ssh), http: await freePort(http), https: await freePort(https) };
  const files = {
    host_key: hostKey.private,
    id_ed25519: userKey.private,
    'id_ed25519.pub': `${userKey.public}\n`,
    known_hosts: `[127.0.0.1]:${ports.ssh} ${hostKey.public}\n`,
    ssh_config: sshConfig(dir, ports),
    'ports.json': JSON.stringify(ports),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(draft, name), text, { mode: 0o600 });
  // A folder that is there and not empty refuses: somebody else was first.
  await rename(draft, dir).catch(() => rm(draft, { recursive: true }));
  const home = await readHome(dir);
  if (!home) throw new Error(`${dir} is not a home of the sandbox: remove it`);
  return home;
}

/** For `Include` in ~/.ssh/config, so that ssh and docker find the way too. */
function sshConfig(dir: string, { ssh }: SandboxPorts): string {
  return [
    'Host oforest-sandbox',
    '  HostName 127.0.0.1',
    `  Port ${ssh}`,
    `  User ${sandboxUser}`,
    `  IdentityFile "${join(dir, 'id_ed25519')}"`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile "${join(dir, 'known_hosts')}"`,
    '',
  ].join('\n');
}

/** The wanted port, or the next that nobody listens on. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 200; port += 1) if (await canListen(port)) return port;
  throw new Error(`no free port from ${wanted} on`);
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
