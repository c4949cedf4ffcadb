import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Lab } from '../e2e/support/lab.ts';

const run = promisify(execFile);

/** Services as a hundred stopped studies have them, made in seconds because nothing starts; gone at the end. */
export async function hundredExperiments({ bed }: Lab): Promise<AsyncDisposable> {
  const names = Array.from({ length: 100 }, (_, index) => `many-${String(index).padStart(3, '0')}`);
  const create = (name: string, part: 'web' | 'db') => {
    const labels = {
      'com.docker.stack.namespace': name,
      'com.docker.stack.image': bed.images['study:v1'],
      'org.oforest.stack': name,
      'org.oforest.experiment': name,
      'org.oforest.environment': 'production',
      'org.oforest.part': part,
      'org.oforest.release': '1',
      'org.oforest.state': 'stopped',
      'org.oforest.host': `${name}.oforest.test`,
      'org.oforest.owner': 'bench',
    };
    const words = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    const image = bed.images['study:v1'];
    return run('docker', [
      'service',
      'create',
      '-q',
      '-d',
      '--no-resolve-image',
      '--replicas',
      '0',
      '--endpoint-mode',
      'dnsrr',
      '--name',
      `${name}_${part}`,
      ...words,
      image,
    ]);
  };
  for (const name of names) await Promise.all([create(name, 'web'), create(name, 'db')]);
  return {
    [Symbol.asyncDispose]: async () => {
      await run('docker', ['service', 'rm', ...names.flatMap((name) => [`${name}_web`, `${name}_db`])]);
    },
  };
}
