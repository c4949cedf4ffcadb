import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Lab } from '../e2e/support/lab.ts';

/** How many requests a command sends to dockerd, counted by a proxy in front of its socket. */
export async function countCalls(lab: Lab, words: readonly string[]): Promise<number> {
  const socket = join(lab.home, 'counted.sock');
  const config = join(lab.home, 'counted.yml');
  let calls = 0;
  const proxy = createServer((client) => {
    const engine = connect(lab.bed.dockerSocket);
    client.on('data', (chunk) => {
      calls += chunk.toString('latin1').match(/^(GET|POST|HEAD|DELETE) \S+ HTTP\/1\.1\r$/gm)?.length ?? 0;
    });
    client.pipe(engine).pipe(client);
    client.on('error', () => engine.destroy());
    engine.on('error', () => client.destroy());
  });
  await new Promise<void>((listening) => proxy.listen(socket, listening));
  await writeFile(config, JSON.stringify({ servers: { counted: { socket } } }));
  try {
    await lab.succeed(words, { environment: { OFOREST_CONFIG: config } });
    return calls;
  } finally {
    proxy.close();
    await rm(socket, { force: true });
  }
}
