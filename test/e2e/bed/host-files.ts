import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const aptParts = ['sources.list', 'sources.list.d', 'auth.conf.d', 'trusted.gpg.d', 'keyrings'];
const passedOn = /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT)|https?_proxy|no_proxy)$/i;

/**
 * How this host reaches its package registries, copied beside a Dockerfile so that the build reaches them the same way:
 * apt's sources, the trusted certificates and pip's settings. Nothing of it is written down here; a copy stays in a layer
 * of the images, which never leave this machine.
 */
export async function hostFiles(context: string): Promise<{ setUp: string; buildArgs: readonly string[] }> {
  const apt = join(context, 'host', 'apt');
  await mkdir(join(apt, 'apt.conf.d'), { recursive: true });
  for (const part of aptParts) await cp(`/etc/apt/${part}`, join(apt, part), { recursive: true }).catch(ignoreMissing);
  for (const file of await readdir('/etc/apt/apt.conf.d')) {
    const text = await readFile(`/etc/apt/apt.conf.d/${file}`, 'utf8');
    if (/Acquire/.test(text) && !/Invoke|Pkg/.test(text))
      await cp(`/etc/apt/apt.conf.d/${file}`, join(apt, 'apt.conf.d', file));
  }
  await cp('/etc/ssl/certs/ca-certificates.crt', join(context, 'host', 'ca.crt'));
  await cp('/etc/pip.conf', join(context, 'host', 'pip.conf')).catch(ignoreMissing);
  const setUp = [
    'cp -r /host/apt/. /etc/apt/',
    'cp /host/ca.crt /etc/ssl/certs/ca-certificates.crt',
    '(cp /host/pip.conf /etc/pip.conf 2> /dev/null || true)',
  ].join(' && ');
  const buildArgs = Object.entries(process.env)
    .filter(([name]) => passedOn.test(name))
    .map(([name, value]) => `${name}=${value}`);
  return { setUp, buildArgs };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
