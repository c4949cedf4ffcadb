import { type Duplex, duplexPair } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import ssh2, { type ClientChannel } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeKeyPair } from '../../../src/sandbox/doors/key-pair.ts';
import { openSshDoor, type SshDoorOptions } from '../../../src/sandbox/doors/ssh-door.ts';

const user = 'oforest';

/** What listens says back what it heard, in capitals, when the caller has ended. */
function shouting(): Duplex {
  const [near, far] = duplexPair();
  void text(far).then((heard) => far.end(heard.toUpperCase()));
  return near;
}

async function open(more: Partial<SshDoorOptions> = {}) {
  const [host, key] = [makeKeyPair(), makeKeyPair()];
  const door = await openSshDoor({
    port: 0,
    hostKeys: [host.private],
    users: { [user]: [`${key.public} a comment`] },
    openSocket: (path) => (path === '/var/run/docker.sock' ? shouting() : undefined),
    openTcp: (name, port) => (name === 'localhost' && port === 5000 ? shouting() : undefined),
    ...more,
  });
  onTestFinished(() => door[Symbol.asyncDispose]());
  const login = async (privateKey: string, username = user) => {
    const client = new ssh2.Client();
    onTestFinished(() => void client.destroy());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.on('ready', resolve).on('error', reject);
    client.connect({ host: '127.0.0.1', port: door.port, username, privateKey });
    await promise;
    return client;
  };
  return { door, key, login };
}

const opened = (act: (answer: (error: Error | undefined, channel: ClientChannel) => void) => void) =>
  new Promise<ClientChannel>((resolve, reject) =>
    act((error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    }),
  );

/** Listens before anything can come: a short program has ended by the time a promise is answered. */
function run(client: ssh2.Client, command: string, input = '') {
  return new Promise<{ stdout: string; stderr: string; exitCode: number }>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const output = { stdout: '', stderr: '', exitCode: -1 };
      channel.on('data', (chunk: Buffer) => {
        output.stdout += chunk;
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        output.stderr += chunk;
      });
      channel.on('exit', (code: number) => {
        output.exitCode = code;
      });
      channel.on('close', () => resolve(output));
      channel.end(input);
    });
  });
}

describe('logging in at the sandbox', () => {
  it('takes the key of the user, and nobody else', async () => {
    const { key, login } = await open();
    await login(key.private);
    await expect(login(makeKeyPair().private)).rejects.toThrow('authentication methods failed');
    await expect(login(key.private, 'root')).rejects.toThrow('authentication methods failed');
    await expect(login(key.private, 'constructor')).rejects.toThrow('authentication methods failed');
  });

  it('takes an RSA key too, whose signature has another name than the key', async () => {
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
    const { login } = await open({ users: { [user]: [rsa.public] } });
    await login(rsa.private);
  });

  it('refuses a port that is taken', async () => {
    const { door } = await open();
    await expect(open({ port: door.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('channels of the sandbox', () => {
  it('lead to sockets that are there, and fail as OpenSSH does for others', async () => {
    const { key, login } = await open();
    const client = await login(key.private);
    const channel = await opened((answer) => client.openssh_forwardOutStreamLocal('/var/run/docker.sock', answer));
    channel.end('ping');
    expect(await text(channel)).toBe('PING');
    await expect(
      opened((answer) => client.openssh_forwardOutStreamLocal('/run/elsewhere.sock', answer)),
    ).rejects.toMatchObject({ reason: 2 });
  });

  it('lead to ports where something listens, and fail for others', async () => {
    const { key, login } = await open();
    const client = await login(key.private);
    const channel = await opened((answer) => client.forwardOut('127.0.0.1', 0, 'localhost', 5000, answer));
    channel.end('ping');
    expect(await text(channel)).toBe('PING');
    await expect(opened((answer) => client.forwardOut('127.0.0.1', 0, 'localhost', 1, answer))).rejects.toMatchObject({
      reason: 2,
    });
  });

  it('bring all that was sent before an end, though the client reads late', async () => {
    const large = Buffer.alloc(6 * 1024 * 1024, 'x');
    const ended = Promise.withResolvers<void>();
    const openSocket = () => {
      const [near, far] = duplexPair();
      far.resume().on('end', () => far.end(large));
      near.on('close', ended.resolve);
      return near;
    };
    const { key, login } = await open({ openSocket });
    const client = await login(key.private);
    const channel = await opened((answer) => client.openssh_forwardOutStreamLocal('/var/run/docker.sock', answer));
    channel.end();
    expect((await buffer(channel)).length).toBe(large.length);
    await ended.promise;
  });

  it('tell the other side when the client is gone', async () => {
    const [near, far] = duplexPair();
    const { door, key, login } = await open({ openSocket: () => near });
    const client = await login(key.private);
    await opened((answer) => client.openssh_forwardOutStreamLocal('/var/run/docker.sock', answer));
    const lost = new Promise<void>((resolve) => client.on('close', () => resolve()));
    const heard = text(far);
    door.dropAll();
    await Promise.all([lost, heard]);
  });
});

describe('programs of the sandbox', () => {
  it.each([
    'docker system dial-stdio',
    'docker --host unix:///var/run/docker.sock system dial-stdio',
    "'docker' '--host' 'unix:///var/run/docker.sock' 'system' 'dial-stdio'",
    'docker -H unix:///var/run/docker.sock system dial-stdio',
    'docker --host=unix:///var/run/docker.sock system dial-stdio',
  ])('bridge to the Docker socket: %s', async (command) => {
    const { key, login } = await open();
    const client = await login(key.private);
    expect(await run(client, command, 'ping')).toEqual({ stdout: 'PING', stderr: '', exitCode: 0 });
  });

  it('say so when no Docker listens where they should connect to', async () => {
    const { key, login } = await open();
    const client = await login(key.private);
    expect(await run(client, 'docker --host unix:///elsewhere.sock system dial-stdio')).toMatchObject({
      stderr: 'Cannot connect to the Docker daemon at unix:///elsewhere.sock. Is the docker daemon running?\n',
      exitCode: 1,
    });
  });

  it('are no others, so that nothing of this computer runs', async () => {
    const { key, login } = await open();
    const client = await login(key.private);
    expect(await run(client, 'true')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    for (const command of ['id', 'docker system dial-stdio; id', 'docker ps', 'docker -H tcp://x system dial-stdio'])
      expect(await run(client, command)).toEqual({
        stdout: '',
        stderr: 'oforest sandbox: only docker system dial-stdio runs here\n',
        exitCode: 127,
      });
  });

  it('end a shell with one friendly line', async () => {
    const { key, login } = await open();
    const client = await login(key.private);
    const channel = await opened((answer) => client.shell(answer));
    expect(await text(channel)).toMatch(/^This is the sandbox of oForest.*\r\n$/);
  });
});

describe('a host key', () => {
  it('can be read again, every time', () => {
    for (let made = 0; made < 300; made += 1)
      expect(ssh2.utils.parseKey(makeKeyPair().private)).not.toBeInstanceOf(Error);
  });
});
