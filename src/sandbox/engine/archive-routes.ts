import type { ContainerRecord } from '../swarm/containers.ts';
import { EngineError } from '../swarm/engine-error.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { readTar, TarError, writeTar } from '../volumes/tar.ts';
import { NoSpaceError, type Volume, type VolumeFile } from '../volumes/volume.ts';
import { findContainer } from './container-routes.ts';
import type { EngineRequest, Handler } from './request.ts';

/** A folder as Go writes its mode: the highest bit says what it is. */
const folderMode = 0x8000_0000 + 0o755;

/** What a path of a container is: files of its volumes and, read only, its secrets and configs. */
type Found = { kind: 'file'; file: VolumeFile } | { kind: 'folder'; volume: Volume; within: string; changedAt: number };

export const statFile: Handler = (request, model) => {
  const { path, found } = look(request, model);
  return { status: 200, text: '', headers: statHeader(path, found) };
};

/** A tar of the one file, or of the folder with all that is in it. */
export const readFiles: Handler = async (request, model) => {
  const { path, found } = look(request, model);
  const bytes = await (found.kind === 'file'
    ? writeTar([{ name: baseName(path), ...found.file }])
    : tarOf(path, found));
  return { status: 200, bytes, headers: { 'Content-Type': 'application/x-tar', ...statHeader(path, found) } };
};

/** Unpacks a tar into a folder, as far as it goes. */
export const writeFiles: Handler = (request, model) => {
  const { found } = look(request, model);
  if (found.kind === 'file') throw new EngineError(500, 'extraction point is not a directory');
  const { volume, within } = found;
  try {
    for (const { name, bytes, mode, modifiedAt, isFolder } of readTar(request.bytes))
      if (!isFolder) volume.write(joined(within, name.replace(/^(?:\.?\/)+/, '')), bytes, { mode, modifiedAt });
  } catch (error) {
    if (!(error instanceof NoSpaceError) && !(error instanceof TarError)) throw error;
    throw new EngineError(500, `Error processing tar file(exit status 1): ${error.message}`);
  } finally {
    model.store.changed();
  }
  return { status: 200, text: '' };
};

function look({ parts, query }: EngineRequest, model: SwarmModel): { path: string; found: Found } {
  const path = query.get('path') ?? '';
  if (path === '') throw new EngineError(400, 'bad parameter: pathcannot be empty');
  const record = findContainer(model, parts.id ?? '');
  const found = find(model, record, path.length > 1 ? path.replace(/\/+$/, '') : path);
  if (found) return { path, found };
  throw new EngineError(404, `Could not find the file ${path} in container ${record.id}`);
}

function find({ volumes }: SwarmModel, record: ContainerRecord, path: string): Found | undefined {
  const given = record.files[path];
  if (given !== undefined) {
    const modifiedAt = Date.parse(record.startedAt);
    return { kind: 'file', file: { bytes: Buffer.from(given, 'base64'), modifiedAt, mode: 0o444 } };
  }
  for (const { Type, Source = '', Target = '' } of record.spec.Mounts ?? []) {
    if (Type !== 'volume' || (path !== Target && !path.startsWith(`${Target}/`))) continue;
    const volume = volumes.on(record.nodeId, Source);
    const within = path.slice(Target.length + 1);
    const file = volume.file(within);
    if (file) return { kind: 'file', file };
    const inside = volume.paths.filter((one) => one.startsWith(joined(within, '')));
    const changedAt = Math.max(volume.createdAt, ...inside.map((one) => volume.file(one)?.modifiedAt ?? 0));
    if (within === '' || inside.length > 0) return { kind: 'folder', volume, within, changedAt };
  }
  return undefined;
}

function tarOf(path: string, { volume, within, changedAt }: Extract<Found, { kind: 'folder' }>): Promise<Buffer> {
  const root = baseName(path);
  const inside = volume.paths.filter((one) => one.startsWith(joined(within, '')));
  const files = inside.map((one) => ({
    name: `${root}/${one.slice(joined(within, '').length)}`,
    ...volume.file(one)!,
  }));
  const folder = { name: `${root}/`, bytes: Buffer.alloc(0), modifiedAt: changedAt, mode: 0o755, isFolder: true };
  return writeTar([folder, ...files]);
}

function statHeader(path: string, found: Found): Record<string, string> {
  const facts =
    found.kind === 'file'
      ? { size: found.file.bytes.length, mode: found.file.mode, at: found.file.modifiedAt }
      : { size: 4096, mode: folderMode, at: found.changedAt };
  const mtime = `${new Date(facts.at).toISOString().slice(0, 19)}Z`;
  const stat = { name: baseName(path), size: facts.size, mode: facts.mode, mtime, linkTarget: '' };
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64') };
}

const baseName = (path: string) => path.replace(/\/+$/, '').split('/').at(-1) ?? '';
const joined = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);
