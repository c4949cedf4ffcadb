import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

export interface Certificate {
  key: string;
  cert: string;
}

export interface RegistryServerOptions {
  tls?: Certificate;
  auth?: {
    kind: 'basic' | 'bearer';
    logins: Readonly<Record<string, string>>;
    /** Anybody may read these repositories, with a visitor's token. */
    publicRepositories?: readonly string[];
    /** Where tokens are made; the server's own `/token` unless told otherwise. */
    realm?: string;
  };
}

interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

interface Stored {
  type: string;
  body: Buffer;
}

type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The part of the OCI distribution API that reads, over real HTTP with real digests. */
export class RegistryServer implements AsyncDisposable {
  readonly requests: { path: string; authorization: string | undefined; host: string | undefined }[] = [];
  /** Names that TLS clients asked for. */
  readonly serverNames: unknown[] = [];
  /** Answers in our place where it returns true. */
  fault: Fault = () => false;
  port = 0;
  readonly #options: RegistryServerOptions;
  readonly #manifests = new Map<string, Stored>();
  readonly #tags = new Map<string, string[]>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #server;

  constructor(options: RegistryServerOptions) {
    this.#options = options;
    const listener: RequestListener = (request, response) => this.#answer(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
    this.#server.on('secureConnection', ({ servername }: TLSSocket) => this.serverNames.push(servername));
  }

  get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Answers with the digest of the manifest. */
  pushImage(repository: string, tag: string, config: Platform | Record<string, string>): string {
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifest = { schemaVersion: 2, mediaType: type, config: { digest: this.pushBlob(config) }, layers: [] };
    return this.pushManifest(repository, tag, { type, manifest });
  }

  pushIndex(repository: string, tag: string, platforms: readonly (Platform | undefined)[]): string {
    const type = 'application/vnd.oci.image.index.v1+json';
    const manifests = platforms.map((platform) => ({ digest: digestOf(Buffer.from('image')), size: 5, platform }));
    return this.pushManifest(repository, tag, { type, manifest: { schemaVersion: 2, mediaType: type, manifests } });
  }

  pushManifest(repository: string, tag: string, { type, manifest }: { type: string; manifest: unknown }): string {
    const body = Buffer.from(JSON.stringify(manifest, undefined, 3));
    const digest = digestOf(body);
    for (const name of [tag, digest]) this.#manifests.set(`${repository}/${name}`, { type, body });
    this.#tags.set(repository, [...(this.#tags.get(repository) ?? []), tag]);
    return digest;
  }

  pushBlob(content: unknown): string {
    const body = Buffer.from(JSON.stringify(content));
    this.#blobs.set(digestOf(body), body);
    return digestOf(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization, host } = request.headers;
    this.requests.push({ path: request.url ?? '', authorization, host });
    if (this.fault(request, response)) return;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
    const [, repository = '', kind, name = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(pathname) ?? [];
    if (pathname === '/token') this.#answerToken(authorization, searchParams, response);
    else if (!this.#mayRead(authorization, repository)) this.#challenge(repository, response);
    else if (kind === 'manifests') this.#answerManifest(repository, name, response);
    else if (kind === 'tags') this.#answerTags(repository, response);
    else this.#answerBlob(name, response);
  }

  /** A missing repository is no case of its own here, as in registry 2.8. */
  #answerManifest(repository: string, name: string, response: ServerResponse): void {
    const stored = this.#manifests.get(`${repository}/${name}`);
    if (stored) {
      response.writeHead(200, { 'content-type': stored.type, 'docker-content-digest': digestOf(stored.body) });
      response.end(stored.body);
    } else refuse(response, 404, 'MANIFEST_UNKNOWN');
  }

  #answerTags(repository: string, response: ServerResponse): void {
    const tags = this.#tags.get(repository);
    if (tags) response.end(JSON.stringify({ name: repository, tags }));
    else refuse(response, 404, 'NAME_UNKNOWN');
  }

  #answerBlob(digest: string, response: ServerResponse): void {
    const blob = this.#blobs.get(digest);
    if (blob) response.end(blob);
    else refuse(response, 404, 'BLOB_UNKNOWN');
  }

  #answerToken(authorization: string | undefined, query: URLSearchParams, response: ServerResponse): void {
    const reader = authorization ? 'member' : 'visitor';
    if (authorization && !this.#isLogin(authorization)) refuse(response, 401, 'UNAUTHORIZED');
    else response.end(JSON.stringify({ token: `${reader}:${query.get('service')}:${query.get('scope')}` }));
  }

  #isLogin(authorization: string): boolean {
    const [username = '', password] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
    return this.#options.auth?.logins[username] === password;
  }

  #mayRead(authorization: string | undefined, repository: string): boolean {
    const { auth } = this.#options;
    if (!auth) return true;
    if (!authorization) return false;
    if (auth.kind === 'basic') return this.#isLogin(authorization);
    const readers = auth.publicRepositories?.includes(repository) ? ['member', 'visitor'] : ['member'];
    return readers.some((reader) => authorization === `Bearer ${reader}:test-registry:repository:${repository}:pull`);
  }

  #challenge(repository: string, response: ServerResponse): void {
    const { auth } = this.#options;
    const realm = auth?.realm ?? `${this.#options.tls ? 'https' : 'http'}://${this.name}/token`;
    const bearer = `Bearer realm="${realm}",service="test-registry",scope="repository:${repository}:pull"`;
    response.setHeader('www-authenticate', auth?.kind === 'basic' ? 'Basic realm="test registry"' : bearer);
    refuse(response, 401, 'UNAUTHORIZED');
  }
}

export function startRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  return new RegistryServer(options).listen();
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
}

export function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

/** Signed by itself, valid for the names. Needs openssl. */
export function makeCertificate(names: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'oforest-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const altNames = names.map((name) => `DNS:${name}`).join(',');
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat([
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=test registry',
        '-addext',
        `subjectAltName=${altNames}`,
      ]),
      { stdio: 'pipe' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
