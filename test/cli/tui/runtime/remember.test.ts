import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryOf } from '../../../../src/cli/tui/runtime/remember.ts';
import { aStudy, someNow } from '../support/states.ts';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'oforest-memory-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

const dir = () => join(stateDir, 'last-lists');
const onlyFile = async () => join(dir(), (await readdir(dir()))[0] ?? '');

it('gives back what was seen, and when, to the same server alone', async () => {
  await memoryOf('lab', { stateDir }).write([aStudy()], someNow);
  const known = await memoryOf('lab', { stateDir }).read();
  expect(known).toMatchObject({ asOf: someNow, studies: [{ stack: 'trust-game', release: 3 }] });
  expect(await memoryOf('other', { stateDir }).read()).toBeUndefined();
});

it('keeps nothing of who was in a session', async () => {
  await memoryOf('lab', { stateDir }).write([aStudy({ people: 24 })], someNow);
  expect(await readFile(await onlyFile(), 'utf8')).not.toContain('people');
});

it('can be read by nobody else', async () => {
  await memoryOf('lab', { stateDir }).write([aStudy()], someNow);
  expect((await stat(await onlyFile())).mode & 0o777).toBe(0o600);
  expect((await stat(dir())).mode & 0o777).toBe(0o700);
});

it('writes when something is another, and not before', async () => {
  const memory = memoryOf('lab', { stateDir });
  await memory.write([aStudy()], someNow);
  await memory.write([aStudy()], someNow + 30_000);
  expect((await memory.read())?.asOf).toBe(someNow);
  await memory.write([aStudy({ release: 4 })], someNow + 60_000);
  expect((await memory.read())?.asOf).toBe(someNow + 60_000);
});

it.each(['', '{', '{"format":2}', '[]', '{"format":1,"server":"lab","asOf":1,"studies":[{"stack":7}]}'])(
  'takes what it cannot read for nothing: %j',
  async (text) => {
    await memoryOf('lab', { stateDir }).write([aStudy()], someNow);
    await writeFile(await onlyFile(), text);
    expect(await memoryOf('lab', { stateDir }).read()).toBeUndefined();
  },
);

it('has room for a server of any name', async () => {
  const name = '../lab/ü:1';
  await memoryOf(name, { stateDir }).write([aStudy()], someNow);
  expect(await memoryOf(name, { stateDir }).read()).toMatchObject({ asOf: someNow });
  expect(await readdir(stateDir)).toEqual(['last-lists']);
});

it('is no reason to stop where nothing can be written', async () => {
  await writeFile(join(stateDir, 'last-lists'), 'in the way');
  const memory = memoryOf('lab', { stateDir });
  await memory.write([aStudy()], someNow);
  expect(await memory.read()).toBeUndefined();
});
