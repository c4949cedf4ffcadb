import { randomInt } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { ExpectedError } from '../../core/index.ts';
import { openSshDoor } from '../../sandbox/doors/ssh-door.ts';
import { catalog } from '../../sandbox/images/catalog.ts';
import { createSandbox, type Sandbox, type SandboxJson } from '../../sandbox/sandbox.ts';
import { realTimeline } from '../../sandbox/timeline.ts';
import { firstStudies } from './first-studies.ts';
import { type SandboxHome, sandboxUser } from './sandbox-home.ts';

const saveAfterMs = 500;
const stateFormat = 1;

/** A sandbox that is open: ends when disposed, with its state on disk. */
export interface ServedSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
}

/**
 * Serves the sandbox of this home: SSH and the router on this computer alone. Its SSH port is also what makes it the
 * only one: throws `port-taken` when somebody has it, another process of the sandbox most likely.
 */
export async function serveSandbox(home: SandboxHome): Promise<ServedSandbox> {
  const { ports, hostKey, userKey } = home;
  let sandbox: Sandbox | undefined;
  // The door is taken first and opened last: of two processes one goes on, and nobody is let in too early.
  const door = await openSshDoor({
    port: ports.ssh,
    hostKeys: [hostKey],
    users: { [sandboxUser]: [userKey] },
    openSocket: () => sandbox?.dialDocker(),
    openTcp: (host, port) => sandbox?.dialTcp(host, port),
  }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EADDRINUSE' ? portTaken(ports.ssh, cause) : cause;
  });

  const saving = createSaver(home, () => sandbox?.toJSON());
  const saved =
    (await loadState(home)) ?? (await firstStudies(Date.now(), { httpPort: ports.http, httpsPort: ports.https }));
  sandbox = createSandbox({
    timeline: realTimeline,
    images: catalog,
    seed: randomInt(2 ** 32 - 1),
    saved,
    onWrite: () => saving.soon(),
  });
  const entries = [await listenFor(sandbox, ports.http), await listenFor(sandbox, ports.https)];
  await replaceFile(home.servingFile, JSON.stringify({ pid: process.pid }));
  saving.soon();
  return {
    sandbox,
    async [Symbol.asyncDispose]() {
      for (const entry of entries) await entry[Symbol.asyncDispose]();
      await rm(home.servingFile, { force: true });
      await saving.end();
      // Last: whoever has the port may read the state.
      await door[Symbol.asyncDispose]();
    },
  };
}

function portTaken(port: number, cause: unknown): ExpectedError {
  return new ExpectedError('port-taken', 'opening the sandbox', {
    why: `Something listens on port ${port} of this computer, most likely the sandbox itself in another process.`,
    now: 'Nothing was changed.',
    hint: 'Use it (`oforest --server sandbox list`), or end it first with `oforest sandbox stop`.',
    cause,
  });
}

/** The state of the last run; undefined before the first. What this version cannot read is kept beside, and said. */
async function loadState({ stateFile }: SandboxHome): Promise<SandboxJson | undefined> {
  const text = await readFile(stateFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const state = JSON.parse(text) as { format: number; sandbox: SandboxJson };
    if (state.format === stateFormat) return state.sandbox;
  } catch {
    // cut off, or not ours: it is put aside below
  }
  await rename(stateFile, `${stateFile}.unreadable`);
  console.error(
    `The state of the sandbox could not be read; it is kept as ${stateFile}.unreadable, and a new one begins.`,
  );
  return undefined;
}

/** Writes the whole state soon after a change, never two at once, and never half a file. */
function createSaver({ stateFile }: SandboxHome, state: () => SandboxJson | undefined) {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const write = async () => {
    const sandbox = state();
    if (!sandbox) return;
    await replaceFile(stateFile, JSON.stringify({ format: stateFormat, sandbox }));
  };
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  let isOver = false;
  return {
    soon() {
      if (!isOver) timer ??= setTimeout(now, saveAfterMs);
    },
    /** The last time: from then on somebody else may write. */
    end() {
      isOver = true;
      return now();
    },
  };
}

/** Whoever reads it finds the earlier text or this one, and never half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

/** A port of this computer that leads to whatever the sandbox publishes on it. */
async function listenFor(sandbox: Sandbox, port: number): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    const stream = sandbox.model.dialHost(port);
    if (!stream) return void socket.destroy();
    stream.on('error', () => socket.destroy());
    stream.on('close', () => socket.destroy());
    socket.on('close', () => stream.destroy());
    socket.pipe(stream).pipe(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
