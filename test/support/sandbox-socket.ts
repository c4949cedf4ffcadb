import { createServer, type Socket } from 'node:net';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

/** The sandbox's Docker at a unix socket, so that commands can be typed against it. */
export function openSandboxSocket(sandbox: Sandbox, path: string): Promise<AsyncDisposable> {
  return listenAt(path, (socket) => {
    const stream = sandbox.dialDocker();
    for (const end of [socket, stream]) {
      end.on('error', () => undefined);
      end.on('close', () => {
        socket.destroy();
        stream.destroy();
      });
    }
    socket.pipe(stream).pipe(socket);
  });
}

/** Answers at a unix socket; whoever is connected still is cut off at the end. */
export async function listenAt(path: string, answer: (socket: Socket) => void): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
