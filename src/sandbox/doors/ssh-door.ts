import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Connection, type PublicKeyAuthContext, type ServerChannel } from 'ssh2';

export interface SshDoorOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Private halves of the server's own keys. */
  readonly hostKeys: readonly string[];
  /** Public keys that may log in, by user: `ssh-ed25519 AAAA…`. */
  readonly users: Readonly<Record<string, readonly string[]>>;
  /** A connection to a unix socket of the server; undefined where there is none. */
  readonly openSocket: (path: string) => Duplex | undefined;
  /** A TCP connection as the server opens it; undefined where nothing listens. */
  readonly openTcp: (host: string, port: number) => Duplex | undefined;
}

export interface SshDoor extends AsyncDisposable {
  readonly port: number;
  /** Cuts every connection, as a lost network does. */
  dropAll(): void;
}

const dockerSocket = '/var/run/docker.sock';
const welcome =
  'This is the sandbox of oForest: a pretend server. There is no shell; try `oforest --server sandbox list`.\r\n';

/** sshd's part of a server, on this computer alone. Rejects with the error of `listen`. */
export async function openSshDoor(options: SshDoorOptions): Promise<SshDoor> {
  const sockets = new Set<Socket>();
  const ssh = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (context.method === 'publickey' && mayLogIn(context, options.users)) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('ready', () => serve(connection, options));
  });
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listening.once('error', reject);
    listening.listen(options.port, '127.0.0.1', resolve);
  });
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (listening.address() as AddressInfo).port,
    dropAll,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => listening.close(resolve));
      dropAll();
      await closed;
    },
  };
}

function mayLogIn(context: PublicKeyAuthContext, users: SshDoorOptions['users']): boolean {
  const allowed = Object.hasOwn(users, context.username) ? (users[context.username] ?? []) : [];
  const offered = keyOf(context.key);
  if (!allowed.some((line) => line.trim().split(/\s+/).slice(0, 2).join(' ') === offered)) return false;
  // Without a signature the client only asks whether this key is worth trying.
  if (!context.signature || !context.blob) return true;
  const key = ssh2.utils.parseKey(context.key.data);
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

/** As it stands in a file: an RSA key is offered by the name of its signature. */
function keyOf({ algo, data }: PublicKeyAuthContext['key']): string {
  return `${algo.startsWith('rsa-sha2-') ? 'ssh-rsa' : algo} ${data.toString('base64')}`;
}

function serve(connection: Connection, { openSocket, openTcp }: SshDoorOptions): void {
  connection.on(
    'openssh.streamlocal' as never,
    ((accept: () => ServerChannel, reject: () => void, { socketPath }: { socketPath: string }) => {
      bridge(openSocket(socketPath), accept, reject);
    }) as never,
  );
  connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
    bridge(openTcp(destIP, destPort), accept, reject);
  });
  connection.on('session', (accept) => {
    const session = accept();
    session.on('exec', (acceptExec, _reject, { command }) => run(command, acceptExec(), openSocket));
    session.on('pty', (acceptPty) => acceptPty?.());
    session.on('shell', (acceptShell) => {
      const channel = acceptShell();
      channel.write(welcome);
      finish(channel, 0);
    });
  });
}

function bridge(stream: Duplex | undefined, accept: () => ServerChannel, reject: () => void): void {
  if (stream) connect(accept(), stream);
  else reject();
}

/** Both ways, and the end of one is the end of the other. */
function connect(channel: ServerChannel, stream: Duplex): void {
  channel.on('error', () => undefined);
  stream.on('error', () => channel.close());
  // What it sent to its end may still wait in the channel, which closes by itself after that.
  stream.on('close', () => stream.readableEnded || channel.close());
  channel.on('close', () => {
    // Its other half hears of an end, and not of being destroyed.
    if (!stream.destroyed) stream.end();
    stream.destroy();
  });
  channel.pipe(stream).pipe(channel);
}

/** The few programs that clients of Docker start: the rest of a server is not here. */
function run(command: string, channel: ServerChannel, openSocket: SshDoorOptions['openSocket']): void {
  const words = wordsOf(command);
  const dialed = socketToDial(words);
  if (dialed !== undefined) dialStdio(dialed, channel, openSocket);
  else if (words.length === 1 && words[0] === 'true') finish(channel, 0);
  else if (isProbe(words)) {
    const stream = openSocket(words.at(-1) ?? '');
    stream?.destroy();
    channel.write(stream ? 'answers\n' : 'missing\n');
    finish(channel, 0);
  } else {
    channel.stderr.write('oforest sandbox: only docker system dial-stdio runs here\n');
    finish(channel, 127);
  }
}

function dialStdio(path: string, channel: ServerChannel, openSocket: SshDoorOptions['openSocket']): void {
  const stream = openSocket(path);
  if (stream) {
    stream.on('end', () => channel.exit(0));
    connect(channel, stream);
    return;
  }
  channel.stderr.write(`Cannot connect to the Docker daemon at unix://${path}. Is the docker daemon running?\n`);
  finish(channel, 1);
}

/** The words of a simple command line, with or without single quotes. */
function wordsOf(command: string): readonly string[] {
  return (command.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

/** The socket that `docker [--host unix://PATH] system dial-stdio` leads to; undefined for any other command. */
function socketToDial([program, ...words]: readonly string[]): string | undefined {
  if (program !== 'docker') return undefined;
  const [, host, rest] = /^(?:(?:--host|-H)[= ](\S+) )?(.*)$/.exec(words.join(' ')) ?? [];
  if (rest !== 'system dial-stdio') return undefined;
  return host === undefined ? dockerSocket : /^unix:\/\/(\/.*)$/.exec(host)?.[1];
}

/** Our own client asks so why a socket does not open. */
function isProbe(words: readonly string[]): boolean {
  return words[0] === 'sh' && words[1] === '-c' && (words[2] ?? '').includes('echo answers');
}

function finish(channel: ServerChannel, exitCode: number): void {
  channel.exit(exitCode);
  channel.end();
}
