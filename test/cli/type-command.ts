import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.ts';

export interface Typed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Home extends AsyncDisposable {
  readonly path: string;
  type(...words: string[]): Promise<Typed>;
}

/** How tests read what is said, wherever they run. */
const looks = { FORCE_COLOR: '', NO_COLOR: '', LC_ALL: 'C.UTF-8', TERM: 'xterm' };

/** A home of its own with a config; commands run in this process, without a terminal. */
export async function openHome(config = '', variables: Record<string, string> = {}): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'oforest-cli-'));
  await writeFile(join(path, 'config.yml'), config);
  return {
    path,
    type: (...words) =>
      typeCommand(words, { ...looks, ...variables, HOME: path, OFOREST_CONFIG: join(path, 'config.yml') }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function typeCommand(words: readonly string[], environment: Record<string, string>): Promise<Typed> {
  const before = { env: process.env, stdout: process.stdout.write, stderr: process.stderr.write };
  let stdout = '';
  let stderr = '';
  process.env = { ...before.env, ...environment };
  process.stdout.write = (text: string | Uint8Array) => {
    stdout += text;
    return true;
  };
  process.stderr.write = (text: string | Uint8Array) => {
    stderr += text;
    return true;
  };
  try {
    const exitCode = await runProgram(words, 'test');
    return { exitCode, stdout, stderr };
  } finally {
    process.env = before.env;
    process.stdout.write = before.stdout;
    process.stderr.write = before.stderr;
  }
}
