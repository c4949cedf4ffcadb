import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSandboxHome } from '../../../../src/cli/sandbox/sandbox-home.ts';
import { startsExample } from '../support/first-steps.ts';
import { openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';
import { pipeProgram } from '../support/pipe-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome({ config: '' });
  // The sandbox is open from now on: its first start takes longer than anything else here.
  await pipeProgram(home, {});
}, 60_000);
beforeEach(async () => {
  await rm(join(home.path, 'state', 'oforest', 'first-run.json'), { force: true });
});
afterAll(() => home[Symbol.asyncDispose]());

describe('the first run', { timeout: 60_000 }, () => {
  it('leads in twelve keys, besides what is typed, to an example that is being started', async () => {
    await using program = openProgram(home);

    expect(await startsExample(program)).toBeLessThanOrEqual(12);
  });

  it('goes on where it was interrupted, and what was typed is there', async () => {
    await using first = openProgram(home);
    await first.until('Try it on the sandbox');
    first.press('Down', 'Enter');
    await first.until('Key file');
    first.press(...'ada@lab.test', 'Tab', ...'lab');
    await first.until(/Name +lab/);
    first.kill('SIGHUP');
    await first.exit;

    await using second = openProgram(home);
    await second.until('ada@lab.test');
    expect(second.screen.text()).toMatch(/Name +lab/);
    expect((await stat(join(home.path, 'state', 'oforest', 'first-run.json'))).mode & 0o777).toBe(0o600);

    second.press('Esc');
    await second.until('Try it on the sandbox');
    second.press('Enter');
    await second.until('trust-game');
    second.kill('SIGHUP');
    await second.exit;

    await using third = openProgram(home);
    await third.until('Sandbox, try 1/5');
    expect(third.written).not.toContain('Welcome');
  });

  it('reaches a server of their own once its fingerprint was compared, and saves it', async () => {
    const { ports, dir } = await openSandboxHome(join(home.path, 'state', 'oforest'));
    await using program = openProgram(home);
    await program.until('Try it on the sandbox');
    program.press('Enter');
    await program.until('trust-game');
    program.press('g');
    await program.until('a pretend server');
    program.press('n');
    await program.until('Key file');
    program.press(...`oforest@127.0.0.1:${ports.ssh}`, 'Enter', 'Enter', ...join(dir, 'id_ed25519'), 'Enter');
    await program.until('Nobody here has met 127.0.0.1 yet');
    expect(program.screen.text()).toMatch(/✔ The key file \S+\s+is\s+there/);
    expect(program.screen.text()).toMatch(/^ {2}SHA256:\S+$/m);

    program.press('Down', 'Enter');
    await program.until('It works.');
    expect(program.screen.text()).toContain('✔ It is prepared for studies.');
    program.press('Enter');
    await program.until(/oForest {2}lab .* live/);

    const config = await readFile(join(home.path, 'config.yml'), 'utf8');
    expect(config).toContain(`port: ${ports.ssh}`);
    expect(config).toContain('current: lab');
    expect(await readFile(join(home.path, '.ssh', 'known_hosts'), 'utf8')).toContain(
      `[127.0.0.1]:${ports.ssh} ssh-ed25519 `,
    );
  });
});
