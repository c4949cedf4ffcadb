import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { learnHostKey } from '../../../src/core/ssh/learn-host-key.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oforest-known-'));
});
afterEach(() => rm(home, { recursive: true }));

const line = 'lab.test ssh-ed25519 AAAA';

it('begins a file that only its owner can read', async () => {
  const file = join(home, '.ssh', 'known_hosts');
  await learnHostKey({ file, line });
  expect(await readFile(file, 'utf8')).toBe(`${line}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('keeps what is there, though its last line may have no end', async () => {
  const file = join(home, 'known_hosts');
  await writeFile(file, 'other ssh-ed25519 BBBB');
  await learnHostKey({ file, line });
  expect(await readFile(file, 'utf8')).toBe(`other ssh-ed25519 BBBB\n${line}\n`);
});

it('says so where nothing can be written', async () => {
  await writeFile(join(home, 'in-the-way'), '');
  const learning = learnHostKey({ file: join(home, 'in-the-way', 'known_hosts'), line });
  await expect(learning).rejects.toMatchObject({ code: 'file-unreadable' });
});
