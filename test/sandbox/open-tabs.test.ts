import type { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { openPagesScript } from '../../src/core/database/scripts/participants-script.ts';
import { openSandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust } from '../support/trust-game.ts';

it('shows a tab behind Traefik as one open page, until it is closed', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  const web = lab.sandbox.model.runningTask('trust_web')?.container;
  const openPages = async () => {
    const outcome = await web?.exec(openPagesScript(8000));
    return JSON.parse(outcome?.stdout.slice('oforest-result '.length) ?? '').connections.length;
  };
  expect(await openPages()).toBe(0);

  const tab = await openTab(lab.sandbox.dialTcp('127.0.0.1', 80), 'trust.lab.test', '/auto_advance');
  expect(await openPages()).toBe(1);

  tab.end();
  await expect.poll(openPages).toBe(0);
});

async function openTab(stream: Duplex | undefined, host: string, path: string): Promise<Duplex> {
  if (!stream) throw new Error('nothing listens');
  const headers = [`Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZQ=='];
  stream.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  const first = await new Promise<Buffer>((resolve) => stream.once('data', resolve));
  expect(first.toString()).toContain('101 Switching Protocols');
  return stream.resume() as Duplex;
}
