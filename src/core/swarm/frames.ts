import type { Readable } from 'node:stream';
import type { LogLine } from './gateway.ts';

const headerBytes = 8;
const streams = { 1: 'stdout', 2: 'stderr' } as const;

/**
 * Docker's multiplexed stream: one byte stream number, three zero bytes, four bytes length (big endian), payload.
 * Frames may be cut anywhere by the transport.
 */
export async function* decodeFrames(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ stream: LogLine['stream']; payload: Buffer }> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= headerBytes) {
      const end = headerBytes + pending.readUInt32BE(4);
      if (pending.length < end) break;
      yield { stream: pending[0] === 2 ? streams[2] : streams[1], payload: pending.subarray(headerBytes, end) };
      pending = pending.subarray(end);
    }
  }
}

/** All of a finished multiplexed stream; what goes beyond the cap is dropped. */
export async function readFrames(
  stream: Readable,
  { maxBytes }: { maxBytes: number },
): Promise<Record<LogLine['stream'], string>> {
  const parts: Record<LogLine['stream'], Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  for await (const { stream: name, payload } of decodeFrames(stream)) {
    if (bytes < maxBytes) parts[name].push(payload);
    bytes += payload.length;
  }
  return { stdout: Buffer.concat(parts.stdout).toString('utf8'), stderr: Buffer.concat(parts.stderr).toString('utf8') };
}

/** Lines of a log with time stamps. dockerd cuts lines at 16 KiB; a cut line arrives as several frames without a newline. */
export async function* readLogLines(source: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const open: Partial<Record<LogLine['stream'], { at: string; text: string }>> = {};
  for await (const { stream, payload } of decodeFrames(source)) {
    const { at, text } = splitTimestamp(payload.toString('utf8'));
    const line = open[stream] ? { at: open[stream].at, text: open[stream].text + text } : { at, text };
    if (line.text.endsWith('\n')) {
      delete open[stream];
      yield { stream, at: line.at, text: line.text.slice(0, -1) };
    } else {
      open[stream] = line;
    }
  }
  for (const [stream, line] of Object.entries(open)) yield { stream: stream as LogLine['stream'], ...line };
}

function splitTimestamp(line: string): { at: string; text: string } {
  const space = line.indexOf(' ');
  return space === -1 ? { at: line.trimEnd(), text: '\n' } : { at: line.slice(0, space), text: line.slice(space + 1) };
}
