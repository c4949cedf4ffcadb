import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tried } from '../../../../src/cli/tui/model/screens/connect.ts';
import { tryServer } from '../../../../src/cli/tui/runtime/try-server.ts';
import { aContext } from '../../a-context.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oforest-try-'));
});
afterEach(() => rm(home, { recursive: true }));

async function lastOf(answers: { address: string; name?: string; keyFile?: string }): Promise<Tried | undefined> {
  const servers = { lab: { host: 'lab.test', user: 'ada' } };
  const context = { environment: { home, userName: 'ada' }, config: async () => ({ servers }) };
  const askPassphrase = async () => undefined;
  const needs = { context: { ...aContext(), ...context }, askPassphrase, signal: AbortSignal.timeout(10_000) };
  let last: Tried | undefined;
  for await (const tried of tryServer({ name: 'mine', keyFile: '', ...answers }, undefined, needs)) last = tried;
  return last;
}

describe('a server that is tried', () => {
  it('is refused where nothing listens, after the key file was found', async () => {
    await writeFile(join(home, 'key'), '');
    const tried = await lastOf({ address: 'ada@127.0.0.1:1', keyFile: '~/key' });
    expect(tried?.end).toBe('failed');
    expect(tried?.checks.map(({ outcome }) => outcome)).toEqual(['ok', 'failed']);
    expect(tried?.checks.at(-1)?.hint).toMatch(/^Check /);
  });

  it('is not asked for with a key file that there is not', async () => {
    const tried = await lastOf({ address: '127.0.0.1:1', keyFile: '~/none' });
    expect(tried?.checks).toMatchObject([{ outcome: 'failed', sentence: `There is no file ${home}/none.` }]);
  });

  it('cannot take the name of another one, or of the sandbox', async () => {
    for (const name of ['lab', 'sandbox']) {
      const tried = await lastOf({ address: 'other.test', name });
      expect(tried?.end).toBe('failed');
      expect(tried?.checks.at(-1)?.hint).toMatch(/^Choose another name/);
    }
  });
});
