import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseImageReference } from '../../../src/core/domain/image-reference.ts';
import { registryOverHttp } from '../../../src/core/registry/over-http.ts';
import { asSocket } from '../../../src/sandbox/doors/as-socket.ts';
import { registryDoor } from '../../../src/sandbox/doors/registry-door.ts';
import { manifestOf, type SandboxImage } from '../../../src/sandbox/images/image.ts';

const image = (tag: string, architecture = 'amd64'): SandboxImage => ({
  repository: 'samples/trust',
  tag,
  platform: { os: 'linux', architecture },
  program: () => ({}),
});

/** Through core's own client, so that what is claimed here is what deployments see. */
describe('the registry of the sandbox', () => {
  const images = [image('v1'), image('v2'), image('arm', 'arm64')];
  const registry = registryOverHttp({
    dial: async () => {
      const [near, far] = duplexPair();
      registryDoor(() => images).accept(far);
      return asSocket(near);
    },
    credentials: () => undefined,
  });
  const resolve = (name: string) =>
    registry.resolve(parseImageReference(`localhost:5000/${name}`), { signal: new AbortController().signal });

  it('tells digest and platform of a tag, and the same of the digest', async () => {
    const { digest } = manifestOf(image('v1'));
    expect(await resolve('samples/trust:v1')).toMatchObject({
      reference: { digest },
      platforms: [{ os: 'linux', architecture: 'amd64' }],
    });
    expect((await resolve(`samples/trust@${digest}`)).reference.digest).toBe(digest);
    expect((await resolve('samples/trust:arm')).platforms).toMatchObject([{ architecture: 'arm64' }]);
  });

  it('does not know another tag, but names those it has', async () => {
    await expect(resolve('samples/trust:v3')).rejects.toMatchObject({ code: 'image-not-found' });
    await expect(resolve('samples/nosuch:v1')).rejects.toMatchObject({ code: 'image-not-found' });
  });

  it('gives the newest of two images that were pushed with one tag', async () => {
    const before = await resolve('samples/trust:v1');
    images.push({ ...image('v1'), platform: { os: 'linux', architecture: 'arm64' } });
    const after = await resolve('samples/trust:v1');
    expect(after.reference.digest).not.toBe(before.reference.digest);
    expect((await resolve(`samples/trust@${before.reference.digest}`)).platforms).toMatchObject([
      { architecture: 'amd64' },
    ]);
  });
});
