import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CliContext } from '../../../../src/cli/context.ts';
import { wayTo } from '../../../../src/cli/sandbox/in-process.ts';
import { leaveFor } from '../../../../src/cli/tui/model/screens/servers.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { openSession, type Session } from '../../../../src/cli/tui/runtime/open-session.ts';
import { openServerOver } from '../../../../src/core/index.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';
import { aContext } from '../../a-context.ts';

let lab: SandboxLab;
let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'oforest-session-'));
  lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(stateDir, { recursive: true });
});

const terminal = { copy: () => 'all' as const, browse() {}, repaint() {}, async suspend() {}, leave() {} };

/** A config with a server that never answers, and one that does; its key is locked. */
function aLabContext(unlocked: string[]): CliContext {
  const servers = { gone: { host: 'gone.test' }, there: { host: 'there.test' } };
  return {
    ...aContext({}),
    stateDir,
    config: async () => ({ servers }),
    async withServer(use, { name, signal = lab.signal, askPassphrase } = {}) {
      if (name !== 'there') return await new Promise((_, reject) => signal.addEventListener('abort', reject));
      unlocked.push((await askPassphrase?.('/key'))?.reveal() ?? '');
      await using server = await openServerOver(wayTo(lab.sandbox), { signal });
      return await use(server);
    },
  };
}

const until = ({ store }: Session, isSo: (state: TuiState) => boolean) =>
  new Promise<TuiState>((resolve) => {
    const look = () => isSo(store.read()) && resolve(store.read());
    store.subscribe(look);
    look();
  });

function press({ store }: Session, ...keys: readonly string[]): void {
  for (const key of keys) {
    store.dispatch({ kind: 'drawn', serial: topScreen(store.read()).serial });
    store.dispatch({ kind: 'key', key });
  }
}

it('goes to another server though the one before never answers, and unlocks the key on the way', async () => {
  const unlocked: string[] = [];
  const size = { columns: 80, rows: 24 };
  const session = openSession(aLabContext(unlocked), { server: 'gone', size, terminal });

  press(session, 'g');
  await until(session, (state) => JSON.stringify(topScreen(state)).includes('there.test'));
  press(session, 'Down', 'Enter');
  await until(session, (state) => topScreen(state).name === 'passphrase');
  press(session, ...'open', 'Enter');
  const { server, studies } = await until(session, ({ link }) => link.kind === 'live');

  expect(server).toBe('there');
  expect(unlocked).toEqual(['open']);
  expect(studies?.map(({ stack }) => stack)).toEqual(['trust']);
  await session.close();
});

it('hears nothing more of a server that was left', async () => {
  const session = openSession(aLabContext([]), { server: 'there', size: { columns: 80, rows: 24 }, terminal });
  await until(session, (state) => topScreen(state).name === 'passphrase');
  press(session, 'x', 'Enter');
  await until(session, ({ link }) => link.kind === 'live');

  press(session, 'g');
  await until(session, (state) => JSON.stringify(topScreen(state)).includes('gone.test'));
  session.store.dispatchAll([
    { kind: 'key', key: 'Esc' },
    { kind: 'key', key: 'Enter' },
  ]);
  // What the study is read for comes too late, or not at all.
  session.store.take((state) => leaveFor('gone', state));
  for (let turn = 0; turn < 40; turn += 1) await new Promise(setImmediate);

  const { server, studies, details, failure } = session.store.read();
  expect({ server, studies, details, failure }).toEqual({ server: 'gone', studies: undefined, details: {} });
  await session.close();
});
