import { stat } from 'node:fs/promises';
import {
  type AskPassphrase,
  type ErrorFacts,
  ExpectedError,
  errorFacts,
  expandHome,
  learnHostKey,
  openServer,
  type Server,
  type ServerConfig,
  type SshServerConfig,
} from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import { addressOf } from '../../server-address.ts';
import { refuseReservedName, serverEntry } from '../../server-entry.ts';
import { type ConnectAnswers, serverNameOf } from '../model/first-run.ts';
import type { ConnectCheck, HostKey, Tried } from '../model/screens/connect.ts';

export interface TryNeeds {
  readonly context: Pick<CliContext, 'config' | 'environment'>;
  readonly askPassphrase: AskPassphrase;
  readonly signal: AbortSignal;
}

/**
 * Goes the whole way to a server that is not in the config yet, and tells each thing on it as it is known; the last
 * says where it ended. Nothing is written but the host key that is to be trusted. Throws what nobody foresaw.
 */
export async function* tryServer(
  answers: ConnectAnswers,
  trust: HostKey | undefined,
  { context, askPassphrase, signal }: TryNeeds,
): AsyncGenerator<Tried> {
  let checks: readonly ConnectCheck[] = [];
  const so = (end: Tried['end'], ...more: readonly ConnectCheck[]): Tried => {
    checks = [...checks, ...more];
    return { checks, end };
  };
  const failed = ({ why, what, hint }: ErrorFacts): ConnectCheck => ({
    ...{ outcome: 'failed', sentence: why ?? what },
    ...(hint !== undefined && { hint: forForm(hint) }),
  });
  try {
    const server = await entryOf(answers, context);
    if (trust) await learnHostKey({ file: trust.knownHostsFile, line: trust.knownHostsLine });
    if (server.identityFile !== undefined)
      yield so(undefined, await keyFileCheck(expandHome(server.identityFile, context.environment.home)));
    const { environment } = context;
    await using reached = await openServer(
      { name: serverNameOf(answers), server },
      { signal, environment, askPassphrase },
    );
    yield so(undefined, {
      outcome: 'ok',
      sentence: `${addressOf(server)} answers, its host key is known, and it lets you in.`,
    });
    yield so(undefined, await swarmCheck(reached));
    yield so('reached', await platformCheck(reached));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    const facts = errorFacts(error);
    yield facts.code === 'host-key-unknown'
      ? so(hostKeyOf(facts))
      : so('failed', ...reachedBefore(facts), failed(facts));
  }
}

/** What is wrong is corrected where it was typed: there is nothing in the config yet. */
function forForm(hint: string): string {
  return hint
    .replace(/\b(host and port|host|port) in the config/, 'the address here (Esc goes back to it)')
    .replace(/\buser and identityFile in the config/, 'user and key file here (Esc goes back to them)');
}

/** What the config is going to say; the same as `oforest server add`. */
export async function entryOf(
  answers: ConnectAnswers,
  { config }: Pick<CliContext, 'config'>,
): Promise<SshServerConfig> {
  const name = serverNameOf(answers);
  refuseReservedName(name);
  const entry = serverEntry(answers.address, { ...(answers.keyFile !== '' && { identityFile: answers.keyFile }) });
  if ('socket' in entry) throw new Error('a host was typed');
  const { servers } = await config();
  const there = servers[name];
  if (there && addressOf(there) !== addressOf(entry)) throw nameTaken(name, there);
  return entry;
}

function nameTaken(name: string, server: ServerConfig): ExpectedError {
  return new ExpectedError('usage-wrong', `adding the server ${name}`, {
    why: `${name} is in the config already: it is ${addressOf(server)}.`,
    now: 'Nothing was changed.',
    hint: 'Choose another name.',
  });
}

async function keyFileCheck(file: string): Promise<ConnectCheck> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return { outcome: 'ok', sentence: `The key file ${file} is there.` };
  throw new ExpectedError('file-unreadable', 'looking for the key file', {
    why: `There is no file ${file}.`,
    hint: 'Correct the path; left empty, oForest takes what ssh would.',
  });
}

async function swarmCheck({ swarm }: Server): Promise<ConnectCheck> {
  const { ServerVersion } = await swarm.observeManager();
  return { outcome: 'ok', sentence: `Docker ${ServerVersion} answers, as a manager of a Swarm.` };
}

/** A Swarm that was never prepared is no reason not to go there. */
async function platformCheck(server: Server): Promise<ConnectCheck> {
  try {
    await server.entry();
    return { outcome: 'ok', sentence: 'It is prepared for studies.' };
  } catch (error) {
    if (!(error instanceof ExpectedError) || error.code !== 'platform-missing') throw error;
    return {
      outcome: 'attention',
      sentence: 'It was never prepared for studies.',
      hint: 'Go there first: you are told how to prepare it.',
    };
  }
}

function hostKeyOf({ details = {} }: ErrorFacts): HostKey {
  const text = (name: string) => String(details[name] ?? '');
  return {
    host: text('host'),
    fingerprint: text('fingerprint'),
    knownHostsFile: text('knownHostsFile'),
    knownHostsLine: text('knownHostsLine'),
  };
}

/** How far it came before it failed, so that nobody looks for the fault where there is none. */
function reachedBefore({ code }: ErrorFacts): readonly ConnectCheck[] {
  const answers: ConnectCheck = { outcome: 'ok', sentence: 'The server answers, and its host key is known.' };
  const letsIn: ConnectCheck = { outcome: 'ok', sentence: 'It lets you in.' };
  switch (code) {
    case 'key-refused':
    case 'key-locked':
      return [answers];
    case 'docker-denied':
    case 'docker-unreachable':
    case 'engine-unsupported':
      return [answers, letsIn];
    default:
      return [];
  }
}
