import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Typed } from '../../type-command.ts';
import type { ProgramHome } from './open-program.ts';

/** The built program without a terminal: its stdin has these lines and ends. */
export async function pipeProgram(
  home: Pick<ProgramHome, 'environment' | 'path'>,
  {
    words = [],
    lines = [],
    environment = {},
  }: { words?: readonly string[]; lines?: readonly string[]; environment?: Readonly<Record<string, string>> },
): Promise<Typed> {
  const child = spawn(process.execPath, [resolve('dist/oforest.js'), ...words], {
    cwd: home.path,
    env: { ...home.environment, ...environment },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  // It may end before it has read them.
  child.stdin.on('error', () => {});
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const exitCode = await new Promise<number>((ended) => child.once('close', (code) => ended(code ?? -1)));
  return { exitCode, stdout, stderr };
}
