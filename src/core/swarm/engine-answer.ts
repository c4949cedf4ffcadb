import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ExpectedError } from '../errors.ts';
import { ExecFailure } from '../ssh/channel-stream.ts';
import { connectionLost } from '../ssh/ssh-errors.ts';
import { dialerFailed } from './docker-access.ts';

/** All of the body; `before` itself where it is that, byte for byte: of a long one nothing is kept meanwhile. */
export async function readBody(
  response: IncomingMessage,
  { maxBytes, before = Buffer.alloc(0) }: { maxBytes: number; before?: Buffer | undefined },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const isAsBefore = chunks.length === 0 && chunk.equals(before.subarray(bytes, bytes + chunk.length));
      if (!isAsBefore) chunks.push(...(chunks.length === 0 ? [before.subarray(0, bytes)] : []), chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLong(maxBytes);
    }
  } catch (error) {
    throw asLost(error, 'reading the answer of dockerd');
  }
  if (chunks.length > 0) return Buffer.concat(chunks);
  return bytes === before.length ? before : before.subarray(0, bytes);
}

/** An answer of dockerd whose failures are ours. */
export function asStream(response: IncomingMessage, what: string): Readable {
  const stream = new Readable({
    read: () => void response.resume(),
    destroy: (error, done) => {
      response.destroy();
      done(error);
    },
  });
  response.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) response.pause();
  });
  response.on('end', () => stream.push(null));
  response.on('error', (error) => stream.destroy(asLost(error, what)));
  response.on('close', () => {
    if (!response.complete) stream.destroy(connectionLost(what));
  });
  return stream;
}

export function parseJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ExpectedError('engine-unsupported', what, {
      why: `It says that its answer is JSON, which it is not: ${(cause as Error).message}`,
      hint: 'Look at what answers there: `docker version` on the server has to be answered by Docker itself.',
      cause,
    });
  }
}

/** `{"message": …}`, or the text itself where something else answered. */
export function reasonOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // not JSON
  }
  return body.trim();
}

/** Whatever Node says of a socket that ended early means the same to us. */
export function asLost(error: unknown, what: string): Error {
  if (error instanceof ExpectedError) return error;
  return error instanceof ExecFailure ? dialerFailed(what, error) : connectionLost(what, { cause: error });
}

function tooLong(maxBytes: number): ExpectedError {
  return new ExpectedError('engine-refused', 'reading the answer of dockerd', {
    why: `It is longer than ${maxBytes / 1024 / 1024} MiB.`,
    hint: 'Report this as a bug: oForest should have asked for less.',
  });
}
