import { ExpectedError } from '../errors.ts';
import type { SshTarget } from './connection.ts';
import { lookUpHost, type SshConfigSource, type SshOptions } from './ssh-config.ts';

/** What oForest's own config says about a server; it wins over ssh's config. Paths are absolute. */
export interface SshEndpoint {
  host: string;
  port?: number;
  user?: string;
  identityFile?: string;
  knownHostsFile?: string;
}

export interface SshSurroundings {
  sources: readonly SshConfigSource[];
  home: string;
  userName: string;
  sshAuthSock?: string;
}

const defaultPort = 22;
const defaultConnectTimeoutMs = 15_000;
const defaultIdentityFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const maxJumps = 8;

/** Where to connect and with which keys, as `ssh` would. Throws `config-invalid` for a ProxyCommand or a circle of jumps. */
export function resolveTarget(endpoint: SshEndpoint, surroundings: SshSurroundings, jumps = 0): SshTarget {
  const { home, userName, sshAuthSock } = surroundings;
  const options = lookUpHost(endpoint.host, surroundings.sources);
  const host = expandTokens(options.hostname ?? endpoint.host, { h: endpoint.host });
  const port = endpoint.port ?? (Number(options.port) || defaultPort);
  const user = endpoint.user ?? options.user ?? userName;
  const expandPath = (path: string) =>
    expandTokens(path.replace(/^~(?=\/)/, home), {
      d: home,
      h: host,
      n: endpoint.host,
      p: String(port),
      r: user,
      u: userName,
    });
  const agentSocket = agentSocketOf(options, sshAuthSock);
  const connectSeconds = Number(options.connecttimeout) || 0;

  return {
    host,
    port,
    user,
    identityFiles: identityFilesOf(endpoint, options, home).map(expandPath),
    knownHostsFiles: knownHostsFilesOf(endpoint, options, home).map(expandPath),
    connectTimeoutMs: connectSeconds > 0 ? connectSeconds * 1000 : defaultConnectTimeoutMs,
    ...(agentSocket !== undefined && { agentSocket: expandPath(agentSocket) }),
    ...(options.identitiesonly?.toLowerCase() === 'yes' && { identitiesOnly: true }),
    ...(options.hostkeyalias !== undefined && { hostKeyAlias: options.hostkeyalias }),
    ...jumpOf(endpoint.host, options, surroundings, jumps),
  };
}

function identityFilesOf(endpoint: SshEndpoint, options: SshOptions, home: string): readonly string[] {
  if (endpoint.identityFile !== undefined) return [endpoint.identityFile];
  if (options.identityfile.length > 0) return options.identityfile.filter((file) => file.toLowerCase() !== 'none');
  return defaultIdentityFiles.map((name) => `${home}/.ssh/${name}`);
}

function knownHostsFilesOf(endpoint: SshEndpoint, options: SshOptions, home: string): readonly string[] {
  if (endpoint.knownHostsFile !== undefined) return [endpoint.knownHostsFile];
  const ofUser = options.userknownhostsfile?.split(/\s+/) ?? [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`];
  const ofSystem = options.globalknownhostsfile?.split(/\s+/) ?? ['/etc/ssh/ssh_known_hosts'];
  return [...ofUser, ...ofSystem].filter((file) => file.toLowerCase() !== 'none');
}

function agentSocketOf({ identityagent }: SshOptions, sshAuthSock: string | undefined): string | undefined {
  if (identityagent?.toLowerCase() === 'none') return undefined;
  if (identityagent === undefined || /^\$?\{?SSH_AUTH_SOCK\}?$/.test(identityagent)) return sshAuthSock || undefined;
  return identityagent;
}

function jumpOf(
  host: string,
  options: SshOptions,
  surroundings: SshSurroundings,
  jumps: number,
): Pick<SshTarget, 'jump'> {
  if (options.proxycommand !== undefined && options.proxycommand.toLowerCase() !== 'none') {
    throw new ExpectedError('config-invalid', `working out how to reach ${host}`, {
      why: 'Your ssh config sets ProxyCommand for it, which oForest does not run.',
      hint: `Replace ProxyCommand by "ProxyJump user@jump-host" in ~/.ssh/config.`,
      details: { host },
    });
  }
  const specs = options.proxyjump?.split(',').map((spec) => spec.trim()) ?? [];
  if (specs.length === 0 || specs[0]?.toLowerCase() === 'none') return {};
  if (jumps + specs.length > maxJumps) {
    throw new ExpectedError('config-invalid', `working out how to reach ${host}`, {
      why: `ProxyJump leads over more than ${maxJumps} hosts, or in a circle.`,
      hint: 'Correct ProxyJump in ~/.ssh/config.',
      details: { host },
    });
  }
  // The first is reached as its own entry says; each later one through the one before it.
  let jump: SshTarget | undefined;
  for (const spec of specs) {
    const own = withoutJumpIf(jump !== undefined, surroundings);
    const target = resolveTarget(parseJump(spec), own, jumps + specs.length);
    jump = jump ? { ...target, jump } : target;
  }
  return jump ? { jump } : {};
}

/** On the command line of ssh an explicit list of jumps replaces what the config says. */
function withoutJumpIf(explicit: boolean, surroundings: SshSurroundings): SshSurroundings {
  const noJump: SshConfigSource = { text: 'ProxyJump none', readInclude: () => [] };
  return explicit ? { ...surroundings, sources: [noJump, ...surroundings.sources] } : surroundings;
}

/** `[user@]host[:port]`, `[user@][::1]:port` or `ssh://…` */
function parseJump(spec: string): SshEndpoint {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(spec);
  if (!match?.[2]) {
    throw new ExpectedError('config-invalid', 'reading ~/.ssh/config', {
      why: `ProxyJump "${spec}" is not of the form user@host:port.`,
      hint: 'Correct ProxyJump in ~/.ssh/config.',
    });
  }
  const [, user, host, port] = match;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
}

function expandTokens(text: string, tokens: Record<string, string>): string {
  return text.replace(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? whole)));
}
