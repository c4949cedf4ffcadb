import { readdir, readFile } from 'node:fs/promises';
import { type Lab, program } from './lab.ts';

/** Processes `oforest run`, of one operation or of all: told by their command line and config, none of another lab's. */
export async function pidsOfRunners(lab: Lab, operation = ''): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const words = (await read('cmdline')).split('\0').slice(1).join(' ');
      return words.startsWith(`${program} run ${operation}`) && (await read('environ')).includes(lab.home)
        ? pid
        : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}
