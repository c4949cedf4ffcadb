import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { openSandboxSocket } from '../support/sandbox-socket.ts';
import { reviewTrust } from '../support/trust-game.ts';
import { type Home, openHome } from './type-command.ts';

/** A home with one server, `here`: that sandbox, at a socket. */
export async function openSandboxHome(sandbox: Sandbox): Promise<Home> {
  const home = await openHome();
  const path = join(home.path, 'd.sock');
  const socket = await openSandboxSocket(sandbox, path);
  await home.type('server', 'add', 'here', '--socket', path);
  return {
    ...home,
    async [Symbol.asyncDispose]() {
      await socket[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** For all tests of a file one home, whose server is a sandbox of today on which the study `trust` runs. */
export function homeWithTrust(): Pick<Home, 'path' | 'type'> & { readonly lab: SandboxLab } {
  const cleanUp = new AsyncDisposableStack();
  let lab: SandboxLab;
  let home: Home;
  beforeAll(async () => {
    lab = cleanUp.use(await openSandboxLab({ start: Date.now() }));
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    home = cleanUp.use(await openSandboxHome(lab.sandbox));
  });
  afterAll(() => cleanUp.disposeAsync());
  return {
    get lab() {
      return lab;
    },
    get path() {
      return home.path;
    },
    type: (...words) => home.type(...words),
  };
}
