import ssh2, { type BaseAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { ExpectedError } from '../errors.ts';
import type { AskPassphrase, SshTarget } from './connection.ts';
import { idOf, loadKeyFile, parseKey, type RingKey, type SkippedFile } from './key-file.ts';
import { fingerprint } from './known-hosts.ts';

const agentTimeoutMs = 5000;

/**
 * All keys for one login, in the order in which they are offered: the named files, then what else the agent holds.
 * An ssh2 agent, because only agents are asked to sign after the server accepted the public half: so a passphrase
 * is asked for a key that will do, and no other.
 */
export class KeyRing extends ssh2.BaseAgent<ParsedKey> {
  readonly #keys: readonly RingKey[];
  readonly #skipped: SkippedFile[];

  private constructor(keys: readonly RingKey[], skipped: SkippedFile[]) {
    super();
    this.#keys = keys;
    this.#skipped = skipped;
  }

  static async load(target: SshTarget, { askPassphrase }: { askPassphrase?: AskPassphrase } = {}): Promise<KeyRing> {
    const skipped: SkippedFile[] = [];
    const ofAgent = target.agentSocket === undefined ? [] : await keysOfAgent(target.agentSocket);
    const ofFiles: RingKey[] = [];
    for (const file of target.identityFiles) {
      const key = await loadKeyFile(file, { ofAgent, skipped, askPassphrase });
      if (key) ofFiles.push(key);
    }
    const named = new Set(ofFiles.map(idOf));
    const others = target.identitiesOnly ? [] : ofAgent.filter((key) => !named.has(idOf(key)));
    return new KeyRing([...ofFiles, ...others], skipped);
  }

  override getIdentities(answer: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    answer(
      null,
      this.#keys.map(({ publicKey }) => publicKey),
    );
  }

  override sign(
    publicKey: ParsedKey,
    data: Buffer,
    optionsOrAnswer: SigningRequestOptions | SignCallback,
    answer?: SignCallback,
  ): void {
    const options = typeof optionsOrAnswer === 'function' ? {} : optionsOrAnswer;
    const reply = (typeof optionsOrAnswer === 'function' ? optionsOrAnswer : answer) as SignCallback;
    const key = this.#keys.find((candidate) => candidate.publicKey.equals(publicKey));
    const signed = key?.sign(data, options.hash) ?? Promise.reject(new Error('asked to sign with an unknown key'));
    signed.then(
      (signature) => reply(null, signature),
      (error: Error) => reply(error),
    );
  }

  /** What to report once the server has refused every key, or none could be used: `key-locked`, `key-refused`. */
  refusal({ user, host }: SshTarget, cause: unknown): ExpectedError {
    const what = `logging in as ${user}@${host}`;
    const tried = this.#keys.map(({ label, publicKey }) => `${label} ${fingerprint(publicKey.getPublicSSH())}`);
    const skipped = this.#skipped.map(({ file, because }) => `${file} (${because})`);
    const details = { host, user, tried, skipped };
    const first = (because: SkippedFile['because']) => this.#skipped.find((entry) => entry.because === because)?.file;

    const locked = first('locked');
    if (locked) {
      return new ExpectedError('key-locked', what, {
        why: `The key ${locked} is protected by a passphrase.`,
        hint: `Run "ssh-add ${locked}" once, or start oForest in a terminal, where it can ask.`,
        details,
        cause,
      });
    }
    const open = first('open-to-others');
    if (open) {
      return new ExpectedError('key-refused', what, {
        why: `Others on this computer can read the key ${open}, so it was not used.`,
        hint: `Run "chmod 600 ${open}".`,
        details,
        cause,
      });
    }
    return new ExpectedError('key-refused', what, {
      why:
        tried.length > 0
          ? `The server accepted none of your keys: ${tried.join(', ')}.`
          : `There is no key to log in with: ${skipped.join(', ') || 'no key file, and no agent'}.`,
      hint:
        tried.length > 0
          ? `Ask the admin of ${host} to add your public key for ${user}, or correct user and identityFile in the config.`
          : 'Create a key with "ssh-keygen -t ed25519", and give the .pub file to the admin of the server.',
      details,
      cause,
    });
  }
}

async function keysOfAgent(socketPath: string): Promise<RingKey[]> {
  const agent = ssh2.createAgent(socketPath) as BaseAgent<ParsedKey>;
  // An agent that does not answer is as good as none.
  const { promise, resolve } = Promise.withResolvers<ParsedKey[]>();
  const timer = setTimeout(() => resolve([]), agentTimeoutMs);
  agent.getIdentities((error, keys) => resolve(error ? [] : ((keys ?? []) as ParsedKey[])));
  const identities = await promise;
  clearTimeout(timer);
  return identities.flatMap((identity) => {
    const publicKey = parseKey(identity);
    if (!publicKey) return [];
    return {
      label: `agent (${publicKey.comment || publicKey.type})`,
      publicKey,
      sign: (data, hash) =>
        new Promise<Buffer>((resolve, reject) => {
          agent.sign(publicKey, data, { hash } as SigningRequestOptions, (error, signature) =>
            signature ? resolve(signature) : reject(error ?? new Error('the agent did not sign')),
          );
        }),
    };
  });
}
