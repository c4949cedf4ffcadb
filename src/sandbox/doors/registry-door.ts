import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { manifestOf, type SandboxImage } from '../images/image.ts';
import { asSocket } from './as-socket.ts';

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** The part of the OCI distribution API that reads, for the images there are at the moment. */
export function registryDoor(images: () => readonly SandboxImage[]): { accept(stream: Duplex): void } {
  const server = createServer((request, response) => {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'UNSUPPORTED');
    if (pathname === '/v2/' || pathname === '/v2') return sendJson(response, {});
    const [, repository = '', kind, name = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(pathname) ?? [];
    const mine = images().filter((image) => image.repository === repository);
    if (kind === 'manifests') return sendManifest(response, mine, name);
    if (kind === 'blobs') return sendBlob(response, mine, name);
    if (kind !== 'tags' || name !== 'list') return refuse(response, 404, 'UNSUPPORTED');
    if (mine.length === 0) return refuse(response, 404, 'NAME_UNKNOWN');
    sendJson(response, { name: repository, tags: [...new Set(mine.map(({ tag }) => tag))] });
  });
  return { accept: (stream) => void server.emit('connection', asSocket(stream)) };
}

/** Of several images that were pushed with one tag the last counts; by digest all are there. */
function sendManifest(response: ServerResponse, images: readonly SandboxImage[], name: string): void {
  const image = images.findLast((one) => one.tag === name || manifestOf(one).digest === name);
  if (!image) {
    refuse(response, 404, 'MANIFEST_UNKNOWN');
    return;
  }
  const { manifest, digest } = manifestOf(image);
  const headers = { 'Content-Type': manifestType, 'Docker-Content-Digest': digest, 'Content-Length': manifest.length };
  response.writeHead(200, headers).end(manifest);
}

function sendBlob(response: ServerResponse, images: readonly SandboxImage[], digest: string): void {
  const blob = images.map(manifestOf).find(({ configDigest }) => configDigest === digest)?.config;
  if (!blob) {
    refuse(response, 404, 'BLOB_UNKNOWN');
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': blob.length }).end(blob);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

/** In the words of Docker's own registry. */
const messages = {
  UNSUPPORTED: 'The operation is unsupported.',
  NAME_UNKNOWN: 'repository name not known to registry',
  MANIFEST_UNKNOWN: 'manifest unknown',
  BLOB_UNKNOWN: 'blob unknown to registry',
} as const;

function refuse(response: ServerResponse, status: number, code: keyof typeof messages): void {
  const errors = [{ code, message: messages[code] }];
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ errors }));
}
