import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkExportFolder, writeExport } from '../../../src/cli/export-folder.ts';
import { randomText } from '../../../src/core/clock.ts';
import type { ExportWishes } from '../../../src/core/database/export-service.ts';
import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import { type StudyExport, withExport } from '../../../src/core/operations/export-study.ts';
import { reviewStop } from '../../../src/core/operations/review/review-running.ts';
import { label } from '../../../src/core/swarm/labels.ts';
import { clusterOf, playSession } from '../../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../support/trust-game.ts';

const stack = parseStackName('trust');
const usual: ExportWishes = { anonymous: false, format: 'csv', perSession: false };
let lab: SandboxLab;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oforest-export-'));
  lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  playSession(lab, stack, { participants: 4 });
  const [first] = clusterOf(lab, stack).find('otree').table('otree_participant').rows;
  Object.assign(first!, { label: 'Ada-7431' });
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

async function exporting<Result>(
  wishes: Partial<ExportWishes>,
  use: (study: StudyExport) => Promise<Result>,
  { signal = lab.signal, swarm = lab.server.swarm } = {},
): Promise<Result> {
  const needs = { swarm, clock: lab.clock, random: randomText, signal, registryAuth: () => undefined };
  return await withExport({ stack, ...usual, ...wishes }, use, needs);
}

async function written(wishes: Partial<ExportWishes> = {}) {
  const folder = join(home, 'data');
  const write = (study: StudyExport) => writeExport(study, folder, { progress: () => undefined, signal: lab.signal });
  await exporting(wishes, write);
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return { folder, files: Object.fromEntries(names.map((name, at) => [name, texts[at]!])) };
}

const exportServices = async () =>
  (await lab.server.swarm.listServices({ label: label.stack, value: stack })).filter(({ Spec }) =>
    Spec.Name.includes('_look-'),
  );

describe('an export', () => {
  it('puts the files of the release that serves into a folder that only its owner can enter', async () => {
    const { folder, files } = await written();

    expect(Object.keys(files)).toEqual(['app-trust.csv', 'export.json', 'page-times.csv', 'wide.csv']);
    expect(files['wide.csv']).toContain('Ada-7431');
    expect(files['wide.csv']!.trim().split('\r\n')).toHaveLength(5);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of Object.keys(files)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(files['export.json']!)).toMatchObject({
      ...{ format: 1, stack: 'trust', release: 1, otree: '6.0.15', fileFormat: 'csv', anonymous: false },
      image: expect.stringContaining('@sha256:'),
      notFiltered: [],
      files: expect.arrayContaining([expect.objectContaining({ name: 'wide.csv', rows: 4 })]),
    });
    expect(await readdir(home)).toEqual(['data']);
  });

  it('has no label with --anonymous, and says what it could not filter', async () => {
    const { files } = await written({ anonymous: true, perSession: true, format: 'excel' });

    for (const text of Object.values(files)) expect(text).not.toContain('Ada-7431');
    expect(files['wide.csv']).toMatch(/^\ufeffsession\.code,participant\.code,participant\._index/);
    expect(Object.keys(files).filter((name) => name.startsWith('session-'))).toHaveLength(1);
    expect(JSON.parse(files['export.json']!)).toMatchObject({
      anonymous: true,
      notFiltered: ['free-text answers', 'labels and comments of sessions'],
    });
  });

  it('runs the serving image by digest, off the public network, and is gone afterwards', async () => {
    const seen = await exporting({}, exportServices);

    const [{ Spec }] = seen as [(typeof seen)[number]];
    expect(seen).toHaveLength(1);
    expect(Spec.TaskTemplate.ContainerSpec?.Image).toMatch(/@sha256:/);
    expect(Spec.TaskTemplate.Networks).toHaveLength(1);
    expect(Object.keys(Spec.Labels).filter((name) => name.startsWith('traefik'))).toEqual([]);
    expect(await exportServices()).toEqual([]);
  });

  it('works on a study that is stopped', async () => {
    await lab.run(await reviewStop(trust, lab.server));

    expect((await written()).files['wide.csv']).toContain('Ada-7431');
  });

  it('leaves neither service nor file when it is called off half-way', async () => {
    const stop = new AbortController();
    const write = async (study: StudyExport) => {
      stop.abort(new Error('enough'));
      await writeExport(study, join(home, 'data'), { progress: () => undefined, signal: stop.signal });
    };

    await expect(exporting({}, write, { signal: stop.signal })).rejects.toThrow();

    expect(await readdir(home)).toEqual([]);
    expect(await exportServices()).toEqual([]);
  });

  it('keeps nothing of a file that came damaged', async () => {
    const { swarm } = lab.server;
    const damaging: typeof swarm = {
      ...swarm,
      async readFile(container, path) {
        const file = await swarm.readFile(container, path);
        if (!file || !path.endsWith('wide.csv')) return file;
        return {
          ...file,
          content: (async function* () {
            yield Buffer.alloc(file.bytes, 'x');
          })(),
        };
      },
    };
    const write = (study: StudyExport) =>
      writeExport(study, join(home, 'data'), { progress: () => undefined, signal: lab.signal });

    await expect(exporting({}, write, { swarm: damaging })).rejects.toMatchObject({ code: 'job-failed' });

    expect(await readdir(home)).toEqual([]);
  });

  it('refuses file names that lead out of the folder', async () => {
    const { swarm } = lab.server;
    const index = { files: [{ name: '../../.bashrc', rows: 1, bytes: 1, sha256: 'a'.repeat(64) }], failed: [] };
    const bytes = Buffer.from(JSON.stringify(index));
    const hostile: typeof swarm = {
      ...swarm,
      readFile: async () => ({
        bytes: bytes.length,
        content: (async function* () {
          yield bytes;
        })(),
      }),
    };

    await expect(exporting({}, async () => 'used', { swarm: hostile })).rejects.toMatchObject({ code: 'job-failed' });
  });

  it('refuses a folder with something in it, and takes an empty one', async () => {
    await checkExportFolder(home);
    await writeFile(join(home, 'mine.txt'), 'mine');

    await expect(checkExportFolder(home)).rejects.toMatchObject({ code: 'usage-wrong', now: 'Nothing was changed.' });
  });
});
