import { createHash } from 'node:crypto';
import { registry } from './layout.ts';

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const api = `http://${registry}/v2`;

/** Makes a tag of the study repository mean another image: what a second push to the same tag does. */
export async function retag(image: string, tag: string): Promise<void> {
  const from = image.includes(':') ? (image.split(':').at(-1) ?? '') : image;
  await putManifest('study', tag, await getManifest('study', from));
}

/** Pushes an image that was built here under a config that names another architecture. */
export async function pushForOtherPlatform(reference: string, architecture: string): Promise<void> {
  const [repository = '', tag = ''] = reference.slice(`${registry}/`.length).split(':');
  const manifest = JSON.parse(await getManifest(repository, 'v1')) as { config: { digest: string; size: number } };
  const config = (await (await fetch(`${api}/${repository}/blobs/${manifest.config.digest}`)).json()) as object;
  const changed = JSON.stringify({ ...config, architecture });
  const digest = await putBlob(repository, changed);
  const other = { ...manifest, config: { ...manifest.config, digest, size: Buffer.byteLength(changed) } };
  await putManifest(repository, tag, JSON.stringify(other));
}

async function getManifest(repository: string, tag: string): Promise<string> {
  const answer = await fetch(`${api}/${repository}/manifests/${tag}`, { headers: { accept: manifestType } });
  if (!answer.ok) throw new Error(`the registry has no ${repository}:${tag} (${answer.status})`);
  return await answer.text();
}

async function putManifest(repository: string, tag: string, manifest: string): Promise<void> {
  const request = { method: 'PUT', headers: { 'content-type': manifestType }, body: manifest };
  const answer = await fetch(`${api}/${repository}/manifests/${tag}`, request);
  if (!answer.ok) throw new Error(`the registry refuses ${repository}:${tag}: ${await answer.text()}`);
}

async function putBlob(repository: string, text: string): Promise<string> {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const started = await fetch(`${api}/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(started.headers.get('location') ?? '', api);
  location.searchParams.set('digest', digest);
  const answer = await fetch(location, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: text,
  });
  if (!answer.ok) throw new Error(`the registry refuses a blob: ${await answer.text()}`);
  return digest;
}
