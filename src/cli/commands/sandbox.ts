import type { Command } from 'commander';
import { listStudies } from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { sandboxName } from '../sandbox/name.ts';
import type { Run } from './run.ts';

export function registerSandboxCommand(program: Command, run: Run): void {
  const sandbox = program
    .command('sandbox')
    .description('a pretend server on this computer, to try everything: oforest --server sandbox …');

  sandbox
    .command('serve')
    .description('open it here and say how to connect; Ctrl-C closes it, and nothing is lost')
    .action(() => run(serve));

  sandbox
    .command('stop')
    .description('end the process that serves it in the background; nothing is lost')
    .action(() =>
      run(async ({ stateDir, output }) => {
        const { home, processes } = await load(stateDir);
        const stopped = await processes.stopSandbox(home);
        output.answer({ json: { stopped }, text: stopped ? 'The sandbox is closed.' : 'The sandbox was not open.' });
      }),
    );

  sandbox
    .command('reset')
    .description('forget what was done there and begin anew with the sample studies')
    .action(() =>
      run(async ({ stateDir, output }) => {
        const { home, processes } = await load(stateDir);
        await processes.resetSandbox(home);
        output.answer({
          json: { reset: true },
          text: 'The sandbox is as new. Look: oforest --server sandbox list',
        });
      }),
    );
}

/** Only those who use the sandbox wait for its code. */
async function load(stateDir: string) {
  const [homes, processes] = await Promise.all([
    import('../sandbox/sandbox-home.ts'),
    import('../sandbox/sandbox-process.ts'),
  ]);
  return { home: await homes.openSandboxHome(stateDir), processes };
}

async function serve(context: CliContext): Promise<void> {
  const { stateDir, signal, output } = context;
  const { home } = await load(stateDir);
  const { serveSandbox } = await import('../sandbox/serve-sandbox.ts');
  await using served = await serveSandbox(home);
  const ended = Promise.withResolvers<void>();
  const end = () => ended.resolve();
  signal.addEventListener('abort', end, { once: true });
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, end);
  const { experiments } = await context.withServer(listStudies, { name: sandboxName });
  output.answer({
    json: { server: sandboxName, ssh: { host: '127.0.0.1', port: home.ports.ssh, sshConfig: home.sshConfigFile } },
    text: [
      'The sandbox is open: a pretend server on this computer. Ctrl-C closes it, and nothing is lost.',
      '',
      '  oforest --server sandbox list',
      ...experiments.filter(({ state }) => state === 'running').map(({ url }) => `  ${url}`),
      '',
      'With a stock Docker client, after this line in ~/.ssh/config:',
      `  Include "${home.sshConfigFile}"`,
      '  docker -H ssh://oforest-sandbox service ls',
    ].join('\n'),
  });
  await ended.promise;
  void served;
}
