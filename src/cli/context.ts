import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  type Actor,
  type AskPassphrase,
  type Config,
  chooseServer,
  loadConfig,
  openServer,
  type Server,
} from '../core/index.ts';
import { createPassphrases, type Passphrases } from './passphrases.ts';
import { type Output, type OutputOptions, openOutput } from './render/output.ts';
import { sandboxName, sandboxServer } from './sandbox/name.ts';
import type { Surface } from './surface.ts';
import type { TerminalTraits } from './terminal-traits.ts';
import { thisTerminal } from './this-terminal.ts';
import type { Skeleton } from './tui/skeleton.ts';

export interface GlobalOptions extends OutputOptions {
  readonly server?: string;
  readonly env: string;
  readonly yes?: boolean;
  readonly input: boolean;
  /** Lines to listen to, instead of a screen. */
  readonly accessible?: boolean;
}

export interface WithServerOptions {
  readonly name?: string | undefined;
  /** Instead of the one that Ctrl-C aborts. */
  readonly signal?: AbortSignal;
  readonly askPassphrase?: AskPassphrase;
  /** Who is told what there is to know while it connects, instead of the command's own output. */
  readonly output?: Pick<Output, 'say'>;
}

/** What commands stand on: where things are, who asks, how to say something. Variables of the process are read here and in this-terminal.ts. */
export interface CliContext {
  readonly configPath: string;
  readonly stateDir: string;
  /** What a person types to get here: `oforest`, or what it is in a clone that was not installed. */
  readonly invokedAs: string;
  readonly environment: { home: string; userName: string; sshAuthSock?: string };
  readonly options: GlobalOptions;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly passphrases: Passphrases;
  /** Whether a person sits here who can be asked. */
  readonly canAsk: boolean;
  /** What `oforest` without a command does here. */
  readonly surface: Surface;
  /** How stdout wants to be written to. */
  readonly terminal: TerminalTraits;
  /** What was drawn on the terminal before the program was loaded. */
  readonly skeleton: Skeleton | undefined;
  /** To be called before Ink is imported, whose colours know no other way to be switched. */
  tellInkOfColors(): void;
  config(): Promise<Config>;
  /** Connects for as long as `use` runs: to the server of that name, else to that of --server, else to the current one. */
  withServer<Result>(use: (server: Server) => Promise<Result>, options?: WithServerOptions): Promise<Result>;
  actorOn(server: Server): Actor;
}

export function createContext(options: GlobalOptions, signal: AbortSignal, skeleton?: Skeleton): CliContext {
  const { env } = process;
  const home = env.HOME || homedir();
  const configPath = env.OFOREST_CONFIG || join(env.XDG_CONFIG_HOME || join(home, '.config'), 'oforest', 'config.yml');
  const canAsk =
    options.input && process.stdin.isTTY === true && process.stderr.isTTY === true && !options.json && !env.CI;
  const { surface, traits: terminal } = thisTerminal({
    ...options,
    accessible: options.accessible ?? false,
    input: options.input && !options.json && !options.plain,
  });
  const environment = {
    home,
    userName: userInfo().username,
    ...(env.SSH_AUTH_SOCK && { sshAuthSock: env.SSH_AUTH_SOCK }),
  };
  const passphrases = createPassphrases({ canAsk });
  const config = () => loadConfig(configPath);
  const output = openOutput(options);
  const stateDir = join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'oforest');
  const choose = async (loaded: Config, name: string | undefined, told: Pick<Output, 'say'>) => {
    const wanted = name ?? loaded.current;
    if (wanted !== sandboxName || loaded.servers[sandboxName]) return chooseServer(loaded, name);
    return { name: sandboxName, server: await sandboxServer(stateDir, told) };
  };
  return {
    configPath,
    stateDir,
    invokedAs: env.npm_lifecycle_event === 'start' ? 'npm start --silent --' : 'oforest',
    environment,
    options,
    output,
    signal,
    passphrases,
    canAsk,
    surface,
    terminal,
    skeleton,
    tellInkOfColors() {
      env.FORCE_COLOR = terminal.colors ? '1' : '0';
    },
    config,
    async withServer(use, given = {}) {
      const loaded = await config();
      const chosen = await choose(loaded, given.name ?? options.server, given.output ?? output);
      await using opened = await openServer(
        { ...chosen, registries: loaded.registries },
        { signal: given.signal ?? signal, environment, askPassphrase: given.askPassphrase ?? passphrases.ask },
      );
      return await use(opened);
    },
    actorOn({ config: server }) {
      const via = 'socket' in server ? 'socket' : 'ssh';
      return { via, sshUser: environment.userName, host: hostname().split('.')[0] ?? '' };
    },
  };
}
