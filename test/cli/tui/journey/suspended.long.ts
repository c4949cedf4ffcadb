import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandboxHome } from '../../../../src/cli/sandbox/sandbox-home.ts';
import { openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';
import { eventsOf, printed, startsUpdate, stepsOf, watchesNewest } from '../support/operations.ts';
import { looksLike } from '../support/same-cells.ts';

/** Four keepalives of 15 s without an answer, and then some. */
const longerThanAnyConnectionMs = 90_000;
const patienceMs = 60_000;

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
  await printed(home, 'list');
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

it.each([
  { connection: 'lives on', tag: 'v3', isForgotten: false },
  { connection: 'is dead by then, of which nobody was told', tag: 'v1', isForgotten: true },
])(
  'a deployment ends as it would have while the laptop sleeps; awake, the program shows all of it, where its connection $connection',
  async ({ tag, isForgotten }) => {
    const { ports, server, dir } = await openSandboxHome(join(home.path, 'state', 'oforest'));
    await using line = await openLine(ports.ssh);
    const knownHostsFile = join(home.path, `known-${tag}`);
    const known = await readFile(join(dir, 'known_hosts'), 'utf8');
    await writeFile(knownHostsFile, known.replace(`:${ports.ssh} `, `:${line.port} `));
    const config = join(home.path, `asleep-${tag}.yml`);
    const lab = { ...server, port: line.port, knownHostsFile };
    await writeFile(config, JSON.stringify({ current: 'lab', servers: { lab } }));
    const environment = { OFOREST_CONFIG: config };
    await using program = openProgram(home, { environment });
    await program.until('● live');
    // What runs the deployment has a connection of its own, later.
    const forget = line.connected();
    const operation = await startsUpdate(home, program, tag);

    program.kill('SIGSTOP');
    if (isForgotten) forget();
    const [events] = await Promise.all([eventsOf(home, operation), pause(longerThanAnyConnectionMs)]);
    program.kill('SIGCONT');

    expect(events.filter(({ kind }) => kind === 'operation-finished')).toHaveLength(1);
    expect(stepsOf(events, 'step-finished')).toEqual(expect.arrayContaining([...stepsOf(events, 'step-started')]));
    await program.until(/● live[\s\S]*trust-game runs v/, patienceMs);
    await using fresh = openProgram(home, { environment });
    await fresh.until('● live');
    await watchesNewest(fresh);
    await fresh.until('trust-game runs v');
    await looksLike(program, fresh);
    expect(program.screen.text()).toContain('Writing the release down');
  },
  300_000,
);

/** A way to the sandbox that can lose connections without a word, as a router does that forgot them. */
interface Line extends AsyncDisposable {
  readonly port: number;
  /** Those who are connected now, to be forgotten. */
  connected(): () => void;
}

async function openLine(to: number): Promise<Line> {
  const open = new Map<Socket, Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    open.set(near, far);
    for (const end of [near, far]) end.on('error', () => {});
    near.on('close', () => {
      open.delete(near);
      far.destroy();
    });
    far.on('close', () => open.has(near) && near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connected() {
      const those = [...open];
      return () => {
        for (const [near, far] of those) {
          open.delete(near);
          near.unpipe(far);
          near.resume();
          far.destroy();
        }
      };
    },
    async [Symbol.asyncDispose]() {
      for (const near of open.keys()) near.destroy();
      server.close();
    },
  };
}
