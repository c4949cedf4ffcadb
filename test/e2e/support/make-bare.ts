import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from './lab.ts';

export const publicNetwork = 'oforest_public';

/** As a Swarm is before anyone prepared it; studies that earlier tests left go, too, with their data and records. */
export async function makeBare({ docker }: Lab): Promise<void> {
  const ids = async (kind: string, ...filters: readonly string[]) => {
    const lists = filters.map((filter) => docker([kind, 'ls', '-q', '--filter', filter]));
    return (await Promise.all(lists)).join('\n').split('\n').filter(Boolean);
  };
  const remove = async (kind: string, ...filters: readonly string[]) => {
    const found = await ids(kind, ...filters);
    if (found.length > 0) await docker([kind, 'rm', ...new Set(found)]);
  };
  await remove('service', 'label=org.oforest.stack', 'label=com.docker.stack.namespace=oforest');
  await remove('config', 'label=org.oforest.stack', 'label=org.oforest.kind');
  await remove('secret', 'label=org.oforest.stack', 'label=org.oforest.kind');
  const containers = await docker(['ps', '-aq', '--filter', 'label=com.docker.stack.namespace']);
  for (const id of containers.split('\n').filter(Boolean)) await docker(['rm', '-f', id]).catch(() => {});
  // A new study of the same name could not log in to them: its passwords are others.
  await remove('volume', 'name=_db$', 'name=_backups$');
  // The node keeps its own copy of a network that is gone, until the last task has left it.
  for (const giveUpAt = performance.now() + 60_000; ; await pause(1000)) {
    await remove('network', `name=${publicNetwork}`).catch(() => {});
    if ((await ids('network', `name=${publicNetwork}`)).length === 0) return;
    if (performance.now() > giveUpAt) throw new Error(`the network ${publicNetwork} stays`);
  }
}
