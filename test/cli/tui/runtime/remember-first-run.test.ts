import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FirstRun, noFirstRun } from '../../../../src/cli/tui/model/first-run.ts';
import { firstRunMemory } from '../../../../src/cli/tui/runtime/remember-first-run.ts';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'oforest-first-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

const file = () => join(stateDir, 'first-run.json');
const begun: FirstRun = {
  at: 'connect',
  connect: { address: 'ada@lab.test', name: 'mine', keyFile: '~/key' },
  prepare: {
    ...{ domain: 'lab.test', certificates: 'files', email: '', certificateFile: 'c', keyFile: 'k' },
    ...{ traefikImage: 't', postgresImage: 'p' },
  },
  tour: { since: 1, done: ['deploy'], isHidden: true },
};

it('gives back how far somebody came', async () => {
  await firstRunMemory({ stateDir }).write(begun);
  expect(await firstRunMemory({ stateDir }).read()).toEqual(begun);
});

it('can be read by nobody else', async () => {
  await firstRunMemory({ stateDir }).write(begun);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

it('keeps the last of many that come at once', async () => {
  const memory = firstRunMemory({ stateDir });
  void memory.write(begun);
  void memory.write({ ...begun, at: 'welcome' });
  await memory.write({ ...begun, at: 'sandbox' });
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ at: 'sandbox' });
});

it('writes nothing while nothing has begun', async () => {
  await firstRunMemory({ stateDir }).write(noFirstRun);
  await expect(stat(file())).rejects.toThrow();
});

it.each(['', '{', '{"format":2}', '{"format":1,"at":"moon"}'])(
  'takes what it cannot read for nothing: %j',
  async (text) => {
    await writeFile(file(), text);
    expect(await firstRunMemory({ stateDir }).read()).toEqual(noFirstRun);
  },
);
