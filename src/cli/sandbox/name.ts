import type { SshServerConfig } from '../../core/index.ts';
import type { Output } from '../render/output.ts';

/** Under this name every command reaches the sandbox, without an entry in the config. */
export const sandboxName = 'sandbox';

/** How to reach it; it is started where it does not run. Only those who use it wait for its code. */
export async function sandboxServer(stateDir: string, output: Pick<Output, 'say'>): Promise<SshServerConfig> {
  const [{ openSandboxHome }, { startSandbox }] = await Promise.all([
    import('./sandbox-home.ts'),
    import('./sandbox-process.ts'),
  ]);
  const home = await openSandboxHome(stateDir);
  const started = await startSandbox(home);
  if (started) output.say('The sandbox is open: a pretend server on this computer (close it: oforest sandbox stop).');
  return home.server;
}
