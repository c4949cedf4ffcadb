import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { dockerSocket } from './layout.ts';

const execute = promisify(execFile);

/** Runs a program to its end; what it printed is in the error when it fails. */
export async function run(
  command: string,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> {
  const { stdout } = await execute(command, [...words], { maxBuffer: 64 * 1024 * 1024, timeout: 900_000, ...options });
  return stdout;
}

export const succeeds = async (command: string, words: readonly string[]): Promise<boolean> =>
  run(command, words).then(
    () => true,
    () => false,
  );

/** Debian's own client of the same release as its dockerd, where it is installed. */
export const dockerCommand = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';

/** Always the dockerd of the bed: a DOCKER_HOST or context of whoever starts it must not receive a `swarm leave`. */
export const docker = (...words: string[]): Promise<string> =>
  run(dockerCommand, ['--host', `unix://${dockerSocket}`, ...words], {
    env: { ...process.env, DOCKER_BUILDKIT: '0', DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined },
  });
