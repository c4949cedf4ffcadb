import { label } from '../../../src/core/swarm/labels.ts';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

/** A stack with all its data and records: an earlier run's would be found in the next. */
export async function removeStack(lab: Lab, name: string): Promise<void> {
  const of = (key: string) => ['--filter', `label=${key}=${name}`];
  const remove = async (kind: string, ids: string) => {
    const all = ids.split('\n').filter(Boolean);
    if (all.length > 0) await lab.docker([kind, 'rm', ...all]);
  };
  await remove('service', await lab.docker(['service', 'ls', '-q', ...of(label.stack)]));
  const containers = (which: string) => lab.docker(['ps', which, ...of('com.docker.stack.namespace')]);
  await until(`nothing of ${name} runs`, async () => (await containers('-q')) === '');
  // Swarm removes what it has stopped, unless dockerd was killed meanwhile and has forgotten it.
  const stopped = (await containers('-aq')).split('\n').filter(Boolean);
  await Promise.all(stopped.map((id) => lab.docker(['rm', '-f', id]).catch(() => {})));
  await until(`the containers of ${name} are gone`, async () => (await containers('-aq')) === '');
  for (const kind of ['config', 'secret']) await remove(kind, await lab.docker([kind, 'ls', '-q', ...of(label.stack)]));
  await remove('volume', await lab.docker(['volume', 'ls', '-q', '--filter', `name=^${name}_(db|backups)$`]));
  await remove('network', await lab.docker(['network', 'ls', '-q', ...of(label.stack)]));
}
