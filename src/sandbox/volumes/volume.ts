/** What a program is told where a volume has no room for what it writes. */
export class NoSpaceError extends Error {
  constructor(path: string) {
    super(`write error: ${path}: No space left on device`);
    this.name = 'NoSpaceError';
  }
}

/** What goes wrong on a volume for the programs that use it; tests and the engine's faults put it there. */
export type VolumeTrouble =
  /** No more than so many bytes fit on it from now on. */
  | { kind: 'full'; freeBytes: number }
  /** A file whose name ends so is damaged right after it was written whole. */
  | { kind: 'damage'; suffix: string; how: 'truncate' | 'flip' }
  /** The job of this script ends as if it had crashed, before its so-manieth step; from 1. */
  | { kind: 'crash'; script: string; beforeStep: number }
  /** Somebody holds on to the database that a swap renames. */
  | { kind: 'connections-stay' };

export interface VolumeFile {
  bytes: Buffer;
  /** Unix milliseconds. */
  modifiedAt: number;
  /** Permission bits. */
  mode: number;
}

export interface VolumeJson {
  nodeId: string;
  name: string;
  labels: Record<string, string>;
  createdAt: number;
  files: [string, { data: string; modifiedAt: number; mode: number }][];
}

const volumeBytes = 40 * 1024 ** 3;

/** A local volume of one node: files by their path in it (`audit.jsonl`), which outlive every container. */
export class Volume {
  readonly nodeId: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly troubles: VolumeTrouble[] = [];
  readonly #files = new Map<string, VolumeFile>();
  readonly #now: () => number;

  constructor({ nodeId, name, labels, createdAt, files }: VolumeJson, now: () => number) {
    this.nodeId = nodeId;
    this.name = name;
    this.labels = labels;
    this.createdAt = createdAt;
    this.#now = now;
    for (const [path, { data, ...facts }] of files)
      this.#files.set(path, { bytes: Buffer.from(data, 'base64'), ...facts });
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  get freeBytes(): number {
    let used = 0;
    for (const { bytes } of this.#files.values()) used += bytes.length;
    const limits = this.troubles.map((trouble) => (trouble.kind === 'full' ? trouble.freeBytes : volumeBytes - used));
    return Math.max(0, Math.min(volumeBytes - used, ...limits));
  }

  file(path: string): VolumeFile | undefined {
    return this.#files.get(path);
  }

  read(path: string): Buffer | undefined {
    return this.#files.get(path)?.bytes;
  }

  /** Throws a NoSpaceError, with as much written as there was room for. */
  write(path: string, bytes: Buffer, facts: { mode?: number; modifiedAt?: number } = {}): void {
    const before = this.read(path)?.length ?? 0;
    const room = this.freeBytes + before;
    const { mode = 0o644, modifiedAt = this.#now() } = facts;
    this.#files.set(path, { bytes: this.#asWritten(path, bytes.subarray(0, room)), modifiedAt, mode });
    if (bytes.length > room) throw new NoSpaceError(path);
  }

  /** The file keeps its content and time; one of that name is replaced. */
  rename(path: string, newPath: string): void {
    const file = this.#files.get(path);
    if (!file) throw new Error(`no file ${path} on the volume ${this.name}`);
    this.#files.delete(path);
    this.#files.set(newPath, file);
  }

  remove(path: string): boolean {
    return this.#files.delete(path);
  }

  /** Takes the first trouble of the kind that matches away, so that it happens once. */
  strike<Kind extends VolumeTrouble['kind']>(
    kind: Kind,
    matches: (trouble: Extract<VolumeTrouble, { kind: Kind }>) => boolean = () => true,
  ): Extract<VolumeTrouble, { kind: Kind }> | undefined {
    const isIt = (one: VolumeTrouble): one is Extract<VolumeTrouble, { kind: Kind }> =>
      one.kind === kind && matches(one as Extract<VolumeTrouble, { kind: Kind }>);
    const found = this.troubles.find(isIt);
    if (found) this.troubles.splice(this.troubles.indexOf(found), 1);
    return found;
  }

  toJSON(): VolumeJson {
    const { nodeId, name, labels, createdAt } = this;
    const files = [...this.#files].map(([path, { bytes, ...facts }]): VolumeJson['files'][number] => [
      path,
      { data: bytes.toString('base64'), ...facts },
    ]);
    return { nodeId, name, labels: { ...labels }, createdAt, files };
  }

  #asWritten(path: string, bytes: Buffer): Buffer {
    const damage = this.strike('damage', ({ suffix }) => path.endsWith(suffix));
    if (!damage) return Buffer.from(bytes);
    if (damage.how === 'truncate') return Buffer.from(bytes.subarray(0, Math.floor(bytes.length * 0.9)));
    const flipped = Buffer.from(bytes);
    const at = Math.floor(flipped.length / 2);
    if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    return flipped;
  }
}
