import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { type KeyPair, makeKeyPair } from '../../src/sandbox/doors/key-pair.ts';

const { Server, utils } = ssh2;

export interface SshServerOptions {
  /** Public keys that may log in, by user. */
  users: Record<string, readonly string[]>;
  hostKeys?: readonly KeyPair[];
  /** As sshd's AllowStreamLocalForwarding; OpenSSH answers "connect failed" for `no`, as for a missing socket. */
  sockets?: boolean;
  /** As sshd's AllowTcpForwarding. */
  tcp?: boolean;
  /** Whether programs may be started; they are, on this machine, by /bin/sh. */
  programs?: boolean;
  /** The PATH of the programs. */
  path?: string;
  /** The user of the programs, where that may be chosen. */
  uid?: number;
  /** As sshd's MaxSessions. */
  maxSessions?: number;
}

/** A small sshd inside the process; every answer is what OpenSSH 9.2 gives. */
export interface TestSshServer extends AsyncDisposable {
  readonly port: number;
  readonly hostKeys: readonly KeyPair[];
  /** What may change while it runs. */
  readonly options: SshServerOptions;
  /** Channels that are open now; and how many were ever forwarded to a socket or port. */
  openChannels(): number;
  forwardedChannels(): number;
  /** Command lines that were run. */
  commands(): readonly string[];
  /** Logins so far. */
  logins(): number;
  /** Public keys that were offered, in order: `ssh-ed25519 AAAA…`. */
  offeredKeys(): readonly string[];
  /** Cuts every connection, as a lost network does. */
  dropAll(): void;
  /** Refuses new TCP connections until the returned function is called. */
  pauseListening(): Promise<() => Promise<void>>;
  /** Lines for a known_hosts file. */
  knownHosts(host?: string): string;
}

export async function startSshServer(options: SshServerOptions): Promise<TestSshServer> {
  const hostKeys = options.hostKeys ?? [makeKeyPair()];
  const connections = new Set<Connection>();
  const children = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const offered: string[] = [];
  let open = 0;
  let forwarded = 0;
  let logins = 0;
  const commands: string[] = [];

  const count = <T extends Duplex>(channel: T): T => {
    open += 1;
    channel.once('close', () => {
      open -= 1;
    });
    return channel;
  };
  const server = new Server({ hostKeys: hostKeys.map((keys) => keys.private) }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      const line = `${context.key.algo} ${context.key.data.toString('base64')}`;
      if (context.signature === undefined) offered.push(line);
      const allowed = (options.users[context.username] ?? []).some((key) => key.startsWith(keyOf(context.key)));
      if (!allowed) return context.reject(['publickey']);
      if (context.signature === undefined || context.blob === undefined) return context.accept();
      const key = utils.parseKey(context.key.data);
      if (key instanceof Error || key.verify(context.blob, context.signature, context.hashAlgo) !== true) {
        return context.reject(['publickey']);
      }
      logins += 1;
      context.accept();
    });
    connection.on('ready', () => serve(connection));
  });

  function serve(connection: Connection): void {
    let sessions = 0;
    connection.on(
      'openssh.streamlocal' as never,
      ((accept: () => ServerChannel, reject: () => void, info: { socketPath: string }) => {
        if (options.sockets === false) return reject();
        forward(accept, reject, connect(info.socketPath));
      }) as never,
    );
    // Without a listener ssh2 answers "administratively prohibited", as sshd does.
    if (options.tcp !== false) {
      connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
        forward(accept, reject, connect(destPort, destIP));
      });
    }
    connection.on('session', (accept, reject) => {
      if (sessions >= (options.maxSessions ?? 10)) return reject();
      sessions += 1;
      const session = accept();
      session.on('close', () => {
        sessions -= 1;
      });
      session.on('exec', (acceptExec, rejectExec, { command }) => {
        if (options.programs === false) return rejectExec();
        commands.push(command);
        run(command, count(acceptExec()));
      });
    });
  }

  function forward(accept: () => ServerChannel, reject: () => void, socket: Socket): void {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      sockets.add(socket);
      forwarded += 1;
      const channel = count(accept());
      socket.on('error', () => channel.close());
      socket.on('close', () => sockets.delete(socket)); // its end closes the channel, after all that it sent
      channel.on('close', () => socket.destroy());
      channel.pipe(socket).pipe(channel);
    });
  }

  function run(command: string, channel: ServerChannel): void {
    const env = { PATH: options.path ?? '/usr/bin:/bin' };
    const child = spawn('/bin/sh', ['-c', command], { env, cwd: '/', ...(options.uid && { uid: options.uid }) });
    children.add(child);
    // No pipe: one that ends early stops the channel, which then never closes.
    channel.on('data', (chunk: Buffer) => child.stdin.write(chunk));
    channel.on('end', () => child.stdin.end());
    child.stdin.on('error', () => undefined);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.on('close', () => child.kill());
    child.on('close', (code) => {
      children.delete(child);
      if (code !== null) channel.exit(code);
      channel.end();
      channel.close();
    });
  }

  const listening = createServer((socket) => {
    socket.setNoDelay(true);
    server.injectSocket(socket);
  });
  const listen = (port: number) => new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
  const unlisten = () => new Promise<void>((resolve) => void listening.close(() => resolve()));
  await listen(0);
  const { port } = listening.address() as AddressInfo;
  const dropAll = () => {
    for (const connection of connections) (connection as unknown as { _sock: Socket })._sock.destroy();
  };

  return {
    port,
    hostKeys,
    options,
    openChannels: () => open,
    forwardedChannels: () => forwarded,
    commands: () => commands,
    logins: () => logins,
    offeredKeys: () => offered,
    dropAll,
    pauseListening: async () => {
      const closed = unlisten();
      dropAll();
      await closed;
      return () => listen(port);
    },
    knownHosts: (host = '127.0.0.1') => hostKeys.map((keys) => `[${host}]:${port} ${keys.public}\n`).join(''),
    [Symbol.asyncDispose]: async () => {
      const closed = unlisten();
      dropAll();
      for (const child of children) child.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface TestHome extends AsyncDisposable {
  readonly path: string;
  /** Writes a file for its owner alone and returns its path. */
  write(name: string, text: string, mode?: number): Promise<string>;
}

export async function makeHome(): Promise<TestHome> {
  const path = await mkdtemp(join(tmpdir(), 'oforest-ssh-'));
  return {
    path,
    write: async (name, text, mode = 0o600) => {
      await writeFile(join(path, name), text, { mode });
      return join(path, name);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function keyOf({ algo, data }: { algo: string; data: Buffer }): string {
  const type = algo.startsWith('rsa-sha2-') ? 'ssh-rsa' : algo;
  return `${type} ${data.toString('base64')}`;
}
