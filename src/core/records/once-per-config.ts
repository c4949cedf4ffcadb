import type { ConfigObject } from '../swarm/engine-types.ts';

/** Reads each config once: in a list that did not change they are the same objects. What it gives is shared. */
export function oncePerConfig<Read extends object>(
  read: (config: ConfigObject) => Read,
): (config: ConfigObject) => Read {
  const known = new WeakMap<ConfigObject, Read>();
  return (config) => {
    const before = known.get(config);
    if (before) return before;
    const found = read(config);
    known.set(config, found);
    return found;
  };
}
