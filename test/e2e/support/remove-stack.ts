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
  const containers = () => lab.docker(['ps', '-aq', ...of('com.docker.stack.namespace')]);
  await until(`the containers of ${name} are gone`, async () => (await containers()) === '');
  for (const kind of ['config', 'secret']) await remove(kind, await lab.docker([kind, 'ls', '-q', ...of(label.stack)]));
  await remove('volume', await lab.docker(['volume', 'ls', '-q', '--filter', `name=^${name}_(db|backups)$`]));
  await remove('network', await lab.docker(['network', 'ls', '-q', ...of(label.stack)]));
}
