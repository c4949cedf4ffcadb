import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { saveText } from '../../../../src/cli/tui/runtime/save-text.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oforest-save-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes a file for its owner alone, and says where', async () => {
  const said = await saveText({ name: 'trust.log', text: 'one\n' }, folder);

  expect(said).toBe(`trust.log is saved in ${folder}`);
  expect(await readFile(join(folder, 'trust.log'), 'utf8')).toBe('one\n');
  expect((await stat(join(folder, 'trust.log'))).mode & 0o777).toBe(0o600);
});

it('never writes over a file', async () => {
  await saveText({ name: 'trust.log', text: 'one\n' }, folder);
  const said = await saveText({ name: 'trust.log', text: 'two\n' }, folder);

  expect(said).toBe(`trust-2.log is saved in ${folder}`);
  expect(await readFile(join(folder, 'trust.log'), 'utf8')).toBe('one\n');
});

it('says what to do where no file can be written', async () => {
  const saving = saveText({ name: 'trust.log', text: '' }, join(folder, 'missing'));

  await expect(saving).rejects.toMatchObject({ code: 'usage-wrong', hint: 'Start oForest in a folder of your own.' });
});
