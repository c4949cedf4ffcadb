import { Volume, type VolumeJson, type VolumeTrouble } from './volume.ts';

/** All volumes of all nodes: each node has its own under a name. */
export class Volumes {
  readonly #volumes = new Map<string, Volume>();
  readonly #awaited: { suffix: string; trouble: VolumeTrouble }[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Made empty where the node has none of that name, as Docker does for a mount. */
  on(nodeId: string, name: string, labels: Record<string, string> = {}): Volume {
    const known = this.find(nodeId, name);
    if (known) return known;
    const volume = new Volume({ nodeId, name, labels, createdAt: this.#now(), files: [] }, this.#now);
    this.#volumes.set(keyOf(nodeId, name), volume);
    for (const awaited of this.#awaited.filter(({ suffix }) => name.endsWith(suffix))) {
      volume.troubles.push(awaited.trouble);
      this.#awaited.splice(this.#awaited.indexOf(awaited), 1);
    }
    return volume;
  }

  find(nodeId: string, name: string): Volume | undefined {
    return this.#volumes.get(keyOf(nodeId, name));
  }

  /** Of one node, by name. */
  ofNode(nodeId: string): Volume[] {
    const found = [...this.#volumes.values()].filter((volume) => volume.nodeId === nodeId);
    return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Whose name ends so, on any node: for tests and faults. */
  ending(suffix: string): Volume[] {
    return [...this.#volumes.values()].filter(({ name }) => name.endsWith(suffix));
  }

  /** From now on, on those whose name ends so; where there is none yet, on the first that is made. Returns its end. */
  trouble(suffix: string, trouble: VolumeTrouble): () => void {
    const volumes = this.ending(suffix);
    for (const { troubles } of volumes) troubles.push(trouble);
    if (volumes.length === 0) this.#awaited.push({ suffix, trouble });
    return () => {
      for (const { troubles } of this.ending(suffix)) {
        const at = troubles.indexOf(trouble);
        if (at >= 0) troubles.splice(at, 1);
      }
    };
  }

  remove({ nodeId, name }: Volume): void {
    this.#volumes.delete(keyOf(nodeId, name));
  }

  toJSON(): VolumeJson[] {
    return [...this.#volumes.values()].map((volume) => volume.toJSON());
  }

  /** Takes over what `toJSON` gave. */
  load(saved: readonly VolumeJson[]): void {
    for (const json of saved) this.#volumes.set(keyOf(json.nodeId, json.name), new Volume(json, this.#now));
  }
}

const keyOf = (nodeId: string, name: string) => `${nodeId}/${name}`;
