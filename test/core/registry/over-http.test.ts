import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseImageReference } from '../../../src/core/domain/image-reference.ts';
import { Secret } from '../../../src/core/domain/secret.ts';
import { ExpectedError } from '../../../src/core/errors.ts';
import type { ResolvedImage } from '../../../src/core/registry/gateway.ts';
import { type Dial, registryOverHttp } from '../../../src/core/registry/over-http.ts';
import {
  type Certificate,
  makeCertificate,
  type RegistryServer,
  type RegistryServerOptions,
  refuse,
  startRegistry,
} from '../../support/registry-server.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const zeros = `sha256:${'0'.repeat(64)}`;

let cleanUp: AsyncDisposableStack;
let sockets: Socket[];
/** Hosts that stand for a server on loopback. */
let places: Record<string, RegistryServer>;

beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
  sockets = [];
  places = {};
});
afterEach(async () => {
  const open = sockets.filter((socket) => !socket.destroyed);
  await cleanUp.disposeAsync();
  expect(open, 'a stream was left open').toEqual([]);
});

const start = async (options?: RegistryServerOptions): Promise<RegistryServer> =>
  cleanUp.use(await startRegistry(options));

const dial: Dial = async (host, port) => {
  const socket = connect({ host: '127.0.0.1', port: places[`${host}:${port}`]?.port ?? port });
  sockets.push(socket);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once('connect', () => resolve(socket)).once('error', reject);
  return promise;
};

interface Needs {
  logins?: Record<string, readonly [username: string, password: string]>;
  timeoutMs?: number;
  dial?: Dial;
  signal?: AbortSignal;
}

function resolve(image: string, { logins = {}, signal = new AbortController().signal, ...needs }: Needs = {}) {
  const credentials = (registry: string) => {
    const [username, password] = logins[registry] ?? [];
    return username && password ? { username, password: new Secret(password) } : undefined;
  };
  return registryOverHttp({ dial, credentials, ...needs }).resolve(parseImageReference(image), { signal });
}

async function failure(resolving: Promise<ResolvedImage>): Promise<ExpectedError> {
  const error = await resolving.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ExpectedError)) throw new Error('no ExpectedError was thrown', { cause: error });
  if (error.code !== 'cancelled')
    expect(error).toMatchObject({ now: 'Nothing was changed.', hint: expect.stringMatching(/^[A-Z][a-z]+ /) });
  return error;
}

describe('resolving', () => {
  it('answers a tag with the digest of its manifest and the platform of its config', async () => {
    const registry = await start();
    const digest = registry.pushImage('lab/trust', 'v1', arm64);

    expect(await resolve(`${registry.name}/lab/trust:v1`)).toEqual({
      reference: { registry: registry.name, repository: 'lab/trust', tag: 'v1', digest },
      platforms: [arm64],
    });
  });

  it('answers an index with the platforms of its entries, without attestations', async () => {
    const registry = await start();
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const digest = registry.pushIndex('trust', 'v1', [amd64, unknown, arm64, unknown, undefined]);

    const { reference, platforms } = await resolve(`${registry.name}/trust:v1`);

    expect(reference.digest).toBe(digest);
    expect(platforms).toEqual([amd64, arm64]);
  });

  it('asks for the digest where one is given, whatever the tag', async () => {
    const registry = await start();
    const digest = registry.pushImage('trust', 'v1', amd64);
    registry.pushImage('trust', 'v2', arm64);

    const { reference, platforms } = await resolve(`${registry.name}/trust:v2@${digest}`);

    expect(reference).toMatchObject({ tag: 'v2', digest });
    expect(platforms).toEqual([amd64]);
  });

  it('works over streams that are no sockets, as SSH gives them', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    const asStream: Dial = async (...place) => {
      const socket = await dial(...place);
      return Duplex.from({ readable: socket, writable: socket });
    };

    expect((await resolve(`${registry.name}/trust:v1`, { dial: asStream })).platforms).toEqual([amd64]);
  });

  it('refuses what is stored there but is no container image', async () => {
    const registry = await start();
    registry.pushImage('chart', 'v1', { name: 'a chart' });
    registry.pushManifest('both', 'v1', { type: 'x', manifest: { manifests: [], config: { digest: zeros } } });
    registry.pushManifest('text', 'v1', { type: 'x', manifest: 'hello' });

    for (const name of ['chart', 'both', 'text'])
      expect(await failure(resolve(`${registry.name}/${name}:v1`))).toMatchObject({
        code: 'image-not-found',
        why: 'What is stored under that name is not a container image.',
      });
  });
});

describe('trusting nothing but digests', () => {
  it('refuses a manifest that is not the one with the given digest', async () => {
    const registry = await start();
    const digest = registry.pushImage('trust', 'v1', amd64);
    registry.fault = ({ url }, response) => {
      if (url?.endsWith(digest)) response.end('{}');
      return url?.endsWith(digest) === true;
    };

    expect(await failure(resolve(`${registry.name}/trust@${digest}`))).toMatchObject({
      code: 'registry-unreachable',
      why: `${registry.name} sends something else than the image with that digest.`,
    });
  });

  it('refuses a manifest that differs from what the registry says of it', async () => {
    const registry = await start();
    registry.fault = (_, response) => {
      response.setHeader('docker-content-digest', zeros);
      response.end('{}');
      return true;
    };

    const { code, why } = await failure(resolve(`${registry.name}/trust:v1`));

    expect(code).toBe('registry-unreachable');
    expect(why).toBe(`${registry.name} sends an image that does not match its own digest.`);
  });

  it('refuses a config that does not match its digest, and one that is lost', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    registry.pushManifest('lost', 'v1', { type: 'x', manifest: { config: { digest: zeros } } });
    registry.fault = ({ url }, response) => {
      const isBlob = url?.includes('/trust/blobs/') === true;
      if (isBlob) response.end(JSON.stringify(arm64));
      return isBlob;
    };

    expect((await failure(resolve(`${registry.name}/trust:v1`))).why).toContain('does not match its digest');
    expect((await failure(resolve(`${registry.name}/lost:v1`))).why).toContain('has lost its config');
  });

  it('stops reading at 4 MiB', async () => {
    const registry = await start();
    registry.fault = (_, response) => {
      response.end(Buffer.alloc(5 * 1024 * 1024));
      return true;
    };

    const { code, why } = await failure(resolve(`${registry.name}/trust:v1`));

    expect(code).toBe('registry-unreachable');
    expect(why).toContain('more than 4 MiB');
  });
});

describe('redirects', () => {
  const redirectBlobs = (registry: RegistryServer, to: (url: string) => string) => {
    registry.fault = ({ url = '' }, response) => {
      if (!url.includes('/blobs/')) return false;
      response.writeHead(307, { location: to(url) });
      response.end();
      return true;
    };
  };

  it('follows a blob to another place without the login', async () => {
    const registry = await start({ auth: { kind: 'basic', logins: { anna: 'pw' } } });
    const storage = await start();
    registry.pushImage('trust', 'v1', amd64);
    storage.pushImage('trust', 'v1', amd64);
    redirectBlobs(registry, (url) => `http://${storage.name}${url}`);

    const { platforms } = await resolve(`${registry.name}/trust:v1`, { logins: { [registry.name]: ['anna', 'pw'] } });

    expect(platforms).toEqual([amd64]);
    expect(registry.requests.at(-1)?.authorization).toMatch(/^Basic /);
    expect(storage.requests).toMatchObject([{ authorization: undefined, host: storage.name }]);
  });

  it('gives up after three', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    redirectBlobs(registry, (url) => `${url}?again`);

    const { code, why } = await failure(resolve(`${registry.name}/trust:v1`));

    expect(code).toBe('registry-unreachable');
    expect(why).toContain('more than 3 times');
    expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(4);
  });

  it.each(['http://elsewhere.example.edu/blob', 'file:///etc/passwd', 'https://anna:pw@127.0.0.1/', 'http://['])(
    'does not follow to %s',
    async (location) => {
      const registry = await start();
      registry.pushImage('trust', 'v1', amd64);
      redirectBlobs(registry, () => location);

      expect((await failure(resolve(`${registry.name}/trust:v1`))).why).toContain('not HTTPS');
    },
  );
});

describe('logging in', () => {
  const bearer = { kind: 'bearer', logins: { anna: 'pw' }, publicRepositories: ['open'] } as const;

  it('gets a token with the login and uses it for the manifest and the config', async () => {
    const registry = await start({ auth: bearer });
    registry.pushImage('trust', 'v1', amd64);

    const { platforms } = await resolve(`${registry.name}/trust:v1`, { logins: { [registry.name]: ['anna', 'pw'] } });

    expect(platforms).toEqual([amd64]);
    expect(
      registry.requests.map(({ path, authorization = '' }) => [path.split(/[?:]/)[0], authorization.split(' ')[0]]),
    ).toEqual([
      ['/v2/trust/manifests/v1', ''],
      ['/token', 'Basic'],
      ['/v2/trust/manifests/v1', 'Bearer'],
      ['/v2/trust/blobs/sha256', 'Bearer'],
    ]);
  });

  it('reads public images with the token of a visitor', async () => {
    const registry = await start({ auth: bearer });
    registry.pushImage('open', 'v1', amd64);

    expect((await resolve(`${registry.name}/open:v1`)).platforms).toEqual([amd64]);
    expect(registry.requests.find(({ path }) => path.startsWith('/token'))?.authorization).toBeUndefined();
  });

  it('takes the login of that registry alone', async () => {
    const registry = await start({ auth: { kind: 'basic', logins: { anna: 'pw' } } });
    registry.pushImage('trust', 'v1', amd64);
    const logins = { 'other.example.edu': ['anna', 'pw'] } as const;

    expect((await failure(resolve(`${registry.name}/trust:v1`, { logins }))).code).toBe('registry-denied');
    expect(registry.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it.each(['basic', 'bearer'] as const)('says that no login is configured (%s)', async (kind) => {
    const registry = await start({ auth: { kind, logins: {} } });

    const error = await failure(resolve(`${registry.name}/trust:v1`));

    expect(error.code).toBe('registry-denied');
    expect(error.why).toContain(`none is configured under registries.${registry.name} in the config`);
    expect(error.hint).toMatch(/^Make a token .* deploy token with read_registry/);
    expect(error.details).toMatchObject({ login: 'none' });
  });

  it.each(['basic', 'bearer'] as const)('says that the configured login is refused (%s)', async (kind) => {
    const registry = await start({ auth: { kind, logins: { anna: 'new' } } });

    const error = await failure(resolve(`${registry.name}/trust:v1`, { logins: { [registry.name]: ['anna', 'old'] } }));

    expect(error.code).toBe('registry-denied');
    expect(error.why).toContain(`under registries.${registry.name} in the config`);
    expect(`${error.why} ${error.hint}`).toMatch(/expired/);
    expect(error.details).toMatchObject({ login: 'configured' });
    expect(JSON.stringify([error, error.why, error.hint])).not.toContain('old');
  });

  it('says that a login may not read the image', async () => {
    const registry = await start();
    registry.fault = (_, response) => {
      refuse(response, 403, 'DENIED');
      return true;
    };

    const error = await failure(resolve(`${registry.name}/trust:v1`, { logins: { [registry.name]: ['anna', 'pw'] } }));

    expect(error.code).toBe('registry-denied');
    expect(error.why).toContain('may not read trust');
  });

  it.each(['http://elsewhere.example.edu/token', 'nonsense', ''])(
    'sends the login to no realm but HTTPS or the same loopback host: %s',
    async (realm) => {
      const registry = await start({ auth: { ...bearer, realm } });

      const error = await failure(
        resolve(`${registry.name}/trust:v1`, { logins: { [registry.name]: ['anna', 'pw'] } }),
      );

      expect(error.code).toBe('registry-unreachable');
      expect(error.why).toContain('not HTTPS');
      expect(registry.requests).toHaveLength(1);
    },
  );

  it.each(['{}', '{"token":"a\\nb"}', 'hello'])('refuses %s for a token', async (reply) => {
    const registry = await start({ auth: bearer });
    registry.fault = ({ url }, response) => {
      const isToken = url?.startsWith('/token') === true;
      if (isToken) response.end(reply);
      return isToken;
    };

    expect((await failure(resolve(`${registry.name}/open:v1`))).why).toContain('answers without a token');
  });
});

describe('images that are not there', () => {
  it('names the nearest tags', async () => {
    const registry = await start();
    for (const tag of ['v1', 'v2', 'main', 'pilot']) registry.pushImage('trust', tag, amd64);

    expect(await failure(resolve(`${registry.name}/trust:v3`))).toMatchObject({
      code: 'image-not-found',
      why: `${registry.name}/trust has no tag v3; there is v2, v1, main and pilot.`,
      details: { tag: 'v3', tags: ['v2', 'v1', 'main', 'pilot'] },
    });
  });

  it('says only that the tag is missing where tags may not be listed', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    registry.fault = ({ url }, response) => {
      const isList = url?.includes('/tags/list') === true;
      if (isList) refuse(response, 403, 'DENIED');
      return isList;
    };

    expect((await failure(resolve(`${registry.name}/trust:v3`))).why).toBe(`${registry.name}/trust has no tag v3.`);
  });

  it('passes on no tag that could upset a terminal', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    registry.pushImage('trust', '\u001b[2J', amd64);

    expect((await failure(resolve(`${registry.name}/trust:v3`))).details).toMatchObject({ tags: ['v1'] });
  });

  it('says that there is no such repository, whichever of both codes the registry uses', async () => {
    const registry = await start();
    const why = `${registry.name} has no repository nothing.`;

    expect(await failure(resolve(`${registry.name}/nothing:v1`))).toMatchObject({ code: 'image-not-found', why });
    registry.fault = (_, response) => {
      refuse(response, 404, 'NAME_UNKNOWN');
      return true;
    };
    expect(await failure(resolve(`${registry.name}/nothing:v1`))).toMatchObject({ code: 'image-not-found', why });
  });

  it('says that a digest is gone', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);

    const { code, why } = await failure(resolve(`${registry.name}/trust@${zeros}`));

    expect(code).toBe('image-not-found');
    expect(why).toContain('no image with that digest');
  });

  it('understands a 404 without words', async () => {
    const registry = await start();
    registry.fault = (_, response) => {
      response.writeHead(404);
      response.end('<h1>Not found</h1>');
      return true;
    };

    expect((await failure(resolve(`${registry.name}/trust:v1`))).code).toBe('image-not-found');
  });
});

describe('registries that do not answer', () => {
  it.each([500, 502, 503, 429, 400, 302])('calls HTTP %i unreachable, with the status', async (status) => {
    const registry = await start();
    registry.fault = (_, response) => {
      response.writeHead(status);
      response.end();
      return true;
    };

    const error = await failure(resolve(`${registry.name}/trust:v1`));

    expect(error).toMatchObject({ code: 'registry-unreachable', details: { status } });
    expect(error.why).toContain(`HTTP ${status}`);
  });

  it('keeps what the dialling failed with', async () => {
    const cause = new ExpectedError('host-refused', 'connecting', { why: 'Nothing listens there.' });

    const error = await failure(resolve('registry.example.edu:5050/trust:v1', { dial: () => Promise.reject(cause) }));

    expect(error).toMatchObject({
      code: 'registry-unreachable',
      why: 'The server cannot connect to registry.example.edu:5050. Nothing listens there.',
      cause,
    });
  });

  it('notices an answer that breaks off', async () => {
    const registry = await start();
    registry.fault = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
      return true;
    };

    const error = await failure(resolve(`${registry.name}/trust:v1`));

    expect(error.code).toBe('registry-unreachable');
    expect(error.why).toContain('broke before the answer was complete');
  });

  it('notices one that is no HTTP', async () => {
    const registry = await start();
    registry.fault = ({ socket }) => {
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return true;
    };

    expect((await failure(resolve(`${registry.name}/trust:v1`))).code).toBe('registry-unreachable');
  });

  it('waits no longer than its time for all together', async () => {
    const registry = await start();
    registry.pushImage('trust', 'v1', amd64);
    registry.fault = ({ url }) => url?.includes('/blobs/') === true;

    const error = await failure(resolve(`${registry.name}/trust:v1`, { timeoutMs: 300 }));

    expect(error.code).toBe('registry-unreachable');
    expect(error.why).toContain('did not answer within');
  });

  it('is cancelled in the middle, and lets go', async () => {
    const registry = await start();
    const cancel = new AbortController();
    registry.fault = () => {
      cancel.abort();
      return true;
    };

    const error = await failure(resolve(`${registry.name}/trust:v1`, { signal: cancel.signal }));

    expect(error.code).toBe('cancelled');
  });

  it('closes a stream that arrives after the end', async () => {
    const registry = await start();
    const arrival = Promise.withResolvers<void>();
    const lateDial: Dial = async (...place) => {
      await arrival.promise;
      return dial(...place);
    };

    expect((await failure(resolve(`${registry.name}/a:b`, { dial: lateDial, timeoutMs: 1 }))).code).toBe(
      'registry-unreachable',
    );
    arrival.resolve();
    await expect.poll(() => sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
    expect(registry.requests).toEqual([]);
  });
});

describe('over TLS', () => {
  const authorities = tls.getCACertificates('default');
  let certificate: Certificate;
  beforeAll(() => {
    certificate = makeCertificate(['registry.example.edu', 'registry-1.docker.io', 'auth.example.edu']);
  });
  beforeEach(() => tls.setDefaultCACertificates([...authorities, certificate.cert]));
  afterEach(() => tls.setDefaultCACertificates(authorities));

  it('asks any registry that is not on loopback, by its name', async () => {
    const registry = await start({ tls: certificate });
    places['registry.example.edu:443'] = registry;
    registry.pushImage('trust', 'v1', amd64);

    expect((await resolve('registry.example.edu/trust:v1')).platforms).toEqual([amd64]);
    expect(registry.serverNames).toEqual(['registry.example.edu', 'registry.example.edu']);
    expect(registry.requests[0]?.host).toBe('registry.example.edu');
  });

  it('works over streams that are no sockets, as SSH gives them', async () => {
    const registry = await start({ tls: certificate });
    places['registry.example.edu:443'] = registry;
    registry.pushImage('trust', 'v1', amd64);
    const asStream: Dial = async (...place) => {
      const socket = await dial(...place);
      return Duplex.from({ readable: socket, writable: socket });
    };

    expect((await resolve('registry.example.edu/trust:v1', { dial: asStream })).platforms).toEqual([amd64]);
  });

  it('finds docker.io at registry-1.docker.io, and its short names under library', async () => {
    const registry = await start({ tls: certificate });
    places['registry-1.docker.io:443'] = registry;
    registry.pushImage('library/postgres', '16', amd64);

    const { reference } = await resolve('postgres:16');

    expect(reference).toMatchObject({ registry: 'docker.io', repository: 'library/postgres', tag: '16' });
  });

  it('gets its token from another host where the registry names one', async () => {
    const auth = { kind: 'bearer', logins: { anna: 'pw' }, realm: 'https://auth.example.edu/token' } as const;
    const registry = await start({ tls: certificate, auth });
    const tokens = await start({ tls: certificate, auth });
    places['registry.example.edu:5050'] = registry;
    places['auth.example.edu:443'] = tokens;
    registry.pushImage('trust', 'v1', amd64);
    const logins = { 'registry.example.edu:5050': ['anna', 'pw'] } as const;

    expect((await resolve('registry.example.edu:5050/trust:v1', { logins })).platforms).toEqual([amd64]);
    expect(tokens.requests).toMatchObject([{ authorization: expect.stringMatching(/^Basic /) }]);
  });

  it('says that a certificate is not trusted, and sends nothing', async () => {
    tls.setDefaultCACertificates(authorities);
    const registry = await start({ tls: certificate });
    places['registry.example.edu:443'] = registry;

    const error = await failure(resolve('registry.example.edu/trust:v1'));

    expect(error.code).toBe('registry-unreachable');
    expect(error.why).toMatch(/^The certificate of registry\.example\.edu:443 is not trusted \(\w+\)\.$/);
    expect(registry.requests).toEqual([]);
  });

  it('says so when the certificate is for another name', async () => {
    const registry = await start({ tls: certificate });
    places['other.example.edu:443'] = registry;

    expect((await failure(resolve('other.example.edu/trust:v1'))).why).toContain('is not trusted');
    expect(registry.requests).toEqual([]);
  });

  it('says so when plain HTTP answers', async () => {
    const registry = await start();
    places['registry.example.edu:80'] = registry;
    places['registry.example.edu:443'] = registry;

    const error = await failure(resolve('registry.example.edu/trust:v1'));

    expect(error.code).toBe('registry-unreachable');
    expect(error.why).toContain('does not speak TLS');
    expect(registry.requests).toEqual([]);
  });
});
