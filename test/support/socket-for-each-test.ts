import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { makeHome } from './ssh-server.ts';

/** For every test of a file its own path where a dockerd may listen, and a stack of what is closed behind it. */
export function socketForEachTest(): { readonly path: string; readonly cleanUp: AsyncDisposableStack } {
  let path: string;
  let cleanUp: AsyncDisposableStack;
  beforeEach(async () => {
    cleanUp = new AsyncDisposableStack();
    path = join(cleanUp.use(await makeHome()).path, 'docker.sock');
  });
  afterEach(() => cleanUp.disposeAsync());
  return {
    get path() {
      return path;
    },
    get cleanUp() {
      return cleanUp;
    },
  };
}
