import { createServer, type Socket } from 'node:net';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

/** The sandbox's Docker at a unix socket, so that commands can be typed against it. */
export async function openSandboxSocket(sandbox: Sandbox, path: string): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const stream = sandbox.dialDocker();
    for (const end of [socket, stream]) {
      end.on('error', () => undefined);
      end.on('close', () => {
        socket.destroy();
        stream.destroy();
      });
    }
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(stream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
