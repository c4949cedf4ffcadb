import { resolve } from 'node:path';
import { ExpectedError, makeCurrent, type ServerConfig, type SshServerConfig, saveServer } from '../core/index.ts';
import { sandboxName } from './sandbox/name.ts';

export interface ServerOptions {
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: string;
  readonly knownHostsFile?: string;
  readonly dockerSocket?: string;
  readonly socket?: string;
}

/** What the config says about a server, as it was typed: `[user@]host[:port]`, or a socket. Throws `usage-wrong`. */
export function serverEntry(given: string | undefined, { socket, ...options }: ServerOptions): ServerConfig {
  if ((given === undefined) === (socket === undefined))
    throw new ExpectedError('usage-wrong', 'adding a server', {
      why: 'A server is either a host or a socket of this machine.',
      now: 'Nothing was changed.',
      hint: 'Give one: `oforest server add lab swarm.lab.example.edu`, or `oforest server add here --socket /var/run/docker.sock`.',
    });
  if (socket !== undefined) return { socket: resolve(socket) };
  const { identityFile, knownHostsFile, ...others } = options;
  return {
    ...addressFrom(given ?? ''),
    ...others,
    ...(identityFile && { identityFile: fromHere(identityFile) }),
    ...(knownHostsFile && { knownHostsFile: fromHere(knownHostsFile) }),
  };
}

/** Into the config, and from now on the server that is meant where none is named. */
export async function saveAsCurrent(configPath: string, name: string, server: ServerConfig): Promise<void> {
  await saveServer(configPath, name, server);
  await makeCurrent(configPath, name);
}

/** Throws `usage-wrong` for a name that means something else already. */
export function refuseReservedName(name: string): void {
  if (name !== sandboxName) return;
  throw new ExpectedError('usage-wrong', 'adding the server sandbox', {
    why: 'That is the name of the built-in pretend server.',
    now: 'Nothing was changed.',
    hint: 'Choose another name; the sandbox itself is always there: `oforest --server sandbox list`.',
  });
}

/** As people copy it: `ssh ada@lab.test -p 2222`, `ssh://ada@lab.test:2222`, or the address alone. */
function addressFrom(given: string): Pick<SshServerConfig, 'host' | 'user' | 'port'> {
  const [first = '', ...others] = given.trim().split(/\s+/);
  const words = first === 'ssh' ? others : [first, ...others];
  const at = words.findIndex((word) => /^-p\d*$/.test(word));
  const flag = at < 0 ? undefined : words[at];
  const flagged = flag === '-p' ? (words[at + 1] ?? '') : flag?.slice(2);
  const places = flag === undefined ? words : words.toSpliced(at, flag === '-p' ? 2 : 1);
  const [place = '', ...rest] = places;
  if (rest.length > 0 || place.startsWith('-')) throw moreThanAddress(given);
  const address = placeFrom(place.replace(/^ssh:\/\//, '').replace(/\/$/, ''));
  return flagged === undefined ? address : { ...address, port: portFrom(flagged, given) };
}

function moreThanAddress(given: string): ExpectedError {
  return new ExpectedError('usage-wrong', `reading the address ${given}`, {
    why: 'There is more in it than user, host and port.',
    now: 'Nothing was changed.',
    hint: 'Write it as ada@lab.example.edu or ada@lab.example.edu:2222; what else ssh needs goes into ~/.ssh/config.',
  });
}

function portFrom(digits: string, given: string): number {
  const port = Number(digits);
  if (/^\d+$/.test(digits) && port >= 1 && port <= 65_535) return port;
  throw new ExpectedError('usage-wrong', `reading the address ${given}`, {
    why: 'A port is a number from 1 to 65535.',
    now: 'Nothing was changed.',
    hint: 'Correct the port, or leave it out for 22.',
  });
}

/** An address of IPv6 has colons of its own: with a port it stands in brackets. */
function placeFrom(text: string): Pick<SshServerConfig, 'host' | 'user' | 'port'> {
  const at = text.lastIndexOf('@');
  const place = text.slice(at + 1);
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(place) ?? [];
  return {
    host: bracketed ?? name ?? place.replace(/^\[([^\]]+)\]$/, '$1'),
    ...(at > 0 && { user: text.slice(0, at) }),
    ...(digits !== undefined && { port: portFrom(digits, text) }),
  };
}

/** The config is read from anywhere. */
function fromHere(path: string): string {
  return path.startsWith('~/') ? path : resolve(path);
}
