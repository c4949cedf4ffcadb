import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Actor, type Config, chooseServer, loadConfig, openServer, type Server } from '../core/index.ts';
import { createPassphrases, type Passphrases } from './passphrases.ts';
import { type Output, type OutputOptions, openOutput } from './render/output.ts';

export interface GlobalOptions extends OutputOptions {
  readonly server?: string;
  readonly env: string;
  readonly yes?: boolean;
  readonly input: boolean;
}

/** What commands stand on: where things are, who asks, how to say something. The only place that reads process.env. */
export interface CliContext {
  readonly configPath: string;
  readonly stateDir: string;
  readonly environment: { home: string; userName: string; sshAuthSock?: string };
  readonly options: GlobalOptions;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly passphrases: Passphrases;
  /** Whether a person sits here who can be asked. */
  readonly canAsk: boolean;
  config(): Promise<Config>;
  /** Connects to the chosen server for as long as `use` runs. */
  withServer<Result>(use: (server: Server) => Promise<Result>): Promise<Result>;
  actorOn(server: Server): Actor;
}

export function createContext(options: GlobalOptions, signal: AbortSignal): CliContext {
  const { env } = process;
  const home = env.HOME || homedir();
  const configPath = env.OFOREST_CONFIG || join(env.XDG_CONFIG_HOME || join(home, '.config'), 'oforest', 'config.yml');
  const canAsk = options.input && process.stdin.isTTY === true && process.stderr.isTTY === true && !options.json;
  const environment = {
    home,
    userName: userInfo().username,
    ...(env.SSH_AUTH_SOCK && { sshAuthSock: env.SSH_AUTH_SOCK }),
  };
  const passphrases = createPassphrases({ canAsk });
  const config = () => loadConfig(configPath);
  return {
    configPath,
    stateDir: join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'oforest'),
    environment,
    options,
    output: openOutput(options),
    signal,
    passphrases,
    canAsk,
    config,
    async withServer(use) {
      const loaded = await config();
      const { name, server } = chooseServer(loaded, options.server);
      await using opened = await openServer(
        { name, server, registries: loaded.registries },
        { signal, environment, askPassphrase: passphrases.ask },
      );
      return await use(opened);
    },
    actorOn({ config: server }) {
      const via = 'socket' in server ? 'socket' : 'ssh';
      return { via, sshUser: environment.userName, host: hostname().split('.')[0] ?? '' };
    },
  };
}
