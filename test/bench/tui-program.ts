import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Size } from '../../src/cli/tui/model/layout.ts';
import { counted } from '../../src/core/index.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type OpenProgram, openProgram, openProgramHome } from '../cli/tui/support/open-program.ts';
import { copyStudy } from '../support/many-studies.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { openSandboxSocket } from '../support/sandbox-socket.ts';
import { reviewTrust } from '../support/trust-game.ts';

export const endOfFrame = '\u001b[?2026l';

/** The way from the program to its server. */
export interface Line extends AsyncDisposable {
  /** Whoever is connected is cut off, and nobody is let in. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

async function openLine(sandbox: Sandbox, path: string): Promise<Line> {
  const open = () => openSandboxSocket(sandbox, path);
  let socket: AsyncDisposable | undefined = await open();
  const cut = async () => {
    await socket?.[Symbol.asyncDispose]();
    socket = undefined;
  };
  return {
    cut,
    async mend() {
      socket ??= await open();
    },
    [Symbol.asyncDispose]: cut,
  };
}

/** The built program, full screen, on a lab with so many studies that the work can change beneath it. */
export async function withStudies(
  count: number,
  size: Size,
  work: (program: OpenProgram, lab: SandboxLab, line: Line) => Promise<void>,
): Promise<void> {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  copyStudy(lab, count - 1);
  await using home = await openProgramHome();
  const path = join(home.path, 'docker.sock');
  await using line = await openLine(lab.sandbox, path);
  await writeFile(join(home.path, 'config.yml'), `servers:\n  lab:\n    socket: ${path}\ncurrent: lab\n`);
  await using program = openProgram(home, { size });
  await program.until(counted(count, 'experiment'));
  await work(program, lab, line);
  program.press('q');
  await program.exit;
}

/** Milliseconds from a key to the end of its frame: one key after the other, each once the one before is shown. */
export async function waitsFor(program: OpenProgram, keys: number): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    const startedAt = performance.now();
    const shown = program.writes(endOfFrame);
    program.press(key % 40 < 20 ? 'Down' : 'Up');
    await shown;
    waits.push(performance.now() - startedAt);
    // No faster than a person: a frame that waits for the one before would not count for its key.
    await pause(40);
  }
  return waits;
}
