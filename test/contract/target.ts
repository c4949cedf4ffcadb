import {
  type Answer,
  type AnswerStream,
  type Dial,
  type RequestOptions,
  request,
  stream,
  upgrade,
} from './http-client.ts';

/** A Docker Engine whose behaviour is looked at: a real dockerd, or ours. */
export interface ContractTarget {
  readonly name: string;
  /** By digest, there already; with /bin/sh, sleep, echo, cat and printenv. */
  readonly image: string;
  /** Well-formed, and in no registry that can be reached. */
  readonly missingImage: string;
  /** The path as it stands, with its version. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  stream(path: string, options?: RequestOptions): Promise<AnswerStream>;
  upgrade(path: string, body: unknown): ReturnType<typeof upgrade>;
  /** Lets the target's time pass. */
  wait(ms: number): Promise<void>;
  /** The first answer that is not undefined or false; throws when so much of the target's time passed without one. */
  until<T>(
    what: string,
    probe: () => Promise<T | undefined | false> | T | undefined | false,
    limitMs?: number,
  ): Promise<T>;
  dispose(): Promise<void>;
}

export interface TargetParts {
  readonly name: string;
  readonly image: string;
  readonly missingImage: string;
  readonly dial: Dial;
  readonly wait: (ms: number) => Promise<void>;
  readonly dispose?: () => Promise<void>;
}

/** A target from what differs between them: how it is reached and how its time passes. */
export function contractTarget({ name, image, missingImage, dial, wait, dispose }: TargetParts): ContractTarget {
  return {
    name,
    image,
    missingImage,
    wait,
    request: (method, path, options) => request(dial, method, path, options),
    stream: (path, options) => stream(dial, path, options),
    upgrade: (path, body) => upgrade(dial, path, body),
    async until(what, probe, limitMs = 40_000) {
      for (let waited = 0; ; waited += pollMs) {
        const found = await probe();
        if (found !== undefined && found !== false) return found;
        if (waited >= limitMs) throw new Error(`${name}: waited ${limitMs} ms, but not: ${what}`);
        await wait(pollMs);
      }
    },
    dispose: async () => dispose?.(),
  };
}

const pollMs = 100;
