import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenProgram, openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';
import { eventsOf, printed, startsUpdate, stepsOf } from '../support/operations.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

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
      const id = await startsUpdate(home, program, tag);

      leave(program);

      if (exitCode !== undefined) expect(await program.exit).toBe(exitCode);
      else await program.exit;
      if (exitCode === 130 || exitCode === 0) {
        expect(program.screen.text()).toMatch(/The deploy\w* of trust-game goes on without this window\./);
        expect(program.screen.text()).toContain(`oforest watch ${id}`);
        expect(program.screen.text()).toContain(`oforest cancel ${id}`);
      }
      const events = await eventsOf(home, id);
      expect(events[0]?.kind).toBe('operation-started');
      expect(events.filter(({ kind }) => kind === 'operation-finished')).toHaveLength(1);
      expect(stepsOf(events, 'step-started')).toContain('try-image');
      expect(stepsOf(events, 'step-finished')).toEqual(expect.arrayContaining([...stepsOf(events, 'step-started')]));
      expect(JSON.parse(await printed(home, '--json', 'status', 'trust-game')).image).toContain(`trust-game:${tag}`);
    },
    180_000,
  );
});
