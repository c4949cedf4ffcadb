import { type AddressInfo, createServer } from 'node:net';
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
  const connections = new Set<Connection>();
  const ssh = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (context.method === 'publickey' && mayLogIn(context, options.users)) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('ready', () => serve(connection, options));
  });
  const listening = createServer((socket) => {
    socket.setNoDelay(true);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listening.once('error', reject);
    listening.listen(options.port, '127.0.0.1', resolve);
  });
  const dropAll = () => {
    for (const connection of connections) connection.end();
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
  const offered = `${context.key.algo} ${context.key.data.toString('base64')}`;
  if (!(users[context.username] ?? []).some((line) => line.trim().startsWith(offered))) return false;
  // Without a signature the client only asks whether this key is worth trying.
  if (!context.signature || !context.blob) return true;
  const key = ssh2.utils.parseKey(context.key.data);
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true;
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
  stream.on('close', () => channel.close());
  channel.on('close', () => stream.destroy());
  channel.pipe(stream).pipe(channel);
}

/** The few programs that clients of Docker start: the rest of a server is not here. */
function run(command: string, channel: ServerChannel, openSocket: SshDoorOptions['openSocket']): void {
  const words = command.replace(/'([^']*)'/g, '$1');
  const isDial = /^docker (?:(?:--host|-H)[= ]\S+ )?system dial-stdio$/.test(words);
  const stream = isDial ? openSocket(dockerSocket) : undefined;
  // Our own client asks so why a socket does not open; this one always does.
  const isProbe = words.startsWith('sh -c ') && words.includes('echo answers');
  if (stream) {
    stream.on('end', () => channel.exit(0));
    connect(channel, stream);
  } else if (words === 'true' || isProbe) {
    if (isProbe) channel.write('answers\n');
    finish(channel, 0);
  } else {
    channel.stderr.write('oForest sandbox: no program runs here but `docker system dial-stdio`.\n');
    finish(channel, 127);
  }
}

function finish(channel: ServerChannel, exitCode: number): void {
  channel.exit(exitCode);
  channel.end();
}
