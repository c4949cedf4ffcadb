import { Volume, type VolumeJson } from './volume.ts';

/** All volumes of all nodes: each node has its own under a name. */
export class Volumes {
  readonly #volumes = new Map<string, Volume>();
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
