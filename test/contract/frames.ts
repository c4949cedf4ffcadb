export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The frames of a multiplexed stream: kind, three zeros, length, payload. Throws at anything else. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at];
    if ((kind !== 1 && kind !== 2) || bytes.readUIntBE(at + 1, 3) !== 0) throw new Error(`no frame at ${at}: ${bytes}`);
    const length = bytes.readUInt32BE(at + 4);
    frames.push({ stream: kind === 1 ? 'stdout' : 'stderr', text: bytes.toString('utf8', at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return frames;
}

export const textOf = (frames: readonly Frame[], stream?: Frame['stream']): string =>
  frames
    .filter((frame) => stream === undefined || frame.stream === stream)
    .map(({ text }) => text)
    .join('');
