import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../../../src/core/index.ts';
import { type OpenProgram, openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';

/** Trial, change and the 15 s in which a late crash would be seen. */
const patienceMs = 120_000;

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

/** What the program prints to whoever reads it from a script. */
async function printed(...words: string[]): Promise<string> {
  const given = [resolve('dist/oforest.js'), '--server', 'sandbox', ...words];
  return (await promisify(execFile)(process.execPath, given, { env: home.environment, timeout: patienceMs })).stdout;
}

async function newestOperation(): Promise<string> {
  const { operations } = JSON.parse(await printed('--json', 'activity', 'trust-game'));
  return operations[0].operation;
}

describe('a deployment that runs, when the window is left', () => {
  it.each<[string, (program: OpenProgram) => void, number | undefined]>([
    ['by Ctrl-C twice', (program) => program.press('Ctrl-C', 'Ctrl-C'), 130],
    ['by q', (program) => program.press('q'), 0],
    ['by SIGHUP', (program) => program.kill('SIGHUP'), 129],
    ['by SIGKILL', (program) => program.kill('SIGKILL'), undefined],
    ['with its terminal', (program) => program.hangUp(), undefined],
  ])(
    '%s, ends as it would have, and is watched again from its first step',
    async (way, leave, exitCode) => {
      const tag = { 'by Ctrl-C twice': 'v3', 'by q': 'v2', 'by SIGHUP': 'v3', 'by SIGKILL': 'v2' }[way] ?? 'v3';
      await using program = openProgram(home);
      await program.until('● live');
      program.press('/', ...'trust !staging', 'Enter', 'Enter');
      await program.until('What would you like to do?');
      program.press('d');
      await program.until('Which image?');
      program.press('Ctrl-U', ...`localhost:5000/samples/trust-game:${tag}`, 'Enter');
      await program.until('Deploy now');
      program.press('Enter');
      await program.until(/↻|✔/);
      const id = await newestOperation();

      leave(program);

      if (exitCode !== undefined) expect(await program.exit).toBe(exitCode);
      else await program.exit;
      if (exitCode === 130 || exitCode === 0) {
        expect(program.screen.text()).toContain('The deploy of trust-game goes on without this window.');
        expect(program.screen.text()).toContain(`oforest watch ${id}`);
        expect(program.screen.text()).toContain(`oforest cancel ${id}`);
      }
      const events = (await printed('--json=lines', 'watch', id))
        .split('\n')
        .filter(Boolean)
        .map((line): OperationEvent => JSON.parse(line));
      const steps = (kind: OperationEvent['kind']) =>
        events.flatMap((event) => (event.kind === kind && 'step' in event ? [event.step] : []));
      expect(events[0]?.kind).toBe('operation-started');
      expect(events.filter(({ kind }) => kind === 'operation-finished')).toHaveLength(1);
      expect(steps('step-started')).toContain('try-image');
      expect(steps('step-finished')).toEqual(expect.arrayContaining(steps('step-started')));
      expect(JSON.parse(await printed('--json', 'status', 'trust-game')).image).toContain(`trust-game:${tag}`);
    },
    180_000,
  );
});
