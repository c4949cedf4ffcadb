import type { CliContext } from '../context.ts';
import { formatBytes } from './format.ts';

/** One line that counts up, on a terminal; a pipe and --quiet get nothing, --json as well. */
export function createProgress(what: string, { options }: Pick<CliContext, 'options'>) {
  const isShown = process.stderr.isTTY === true && !options.quiet && !options.json;
  let shownAt = 0;
  return {
    show(done: number, total: number) {
      if (!isShown || (Date.now() - shownAt < 200 && done < total)) return;
      shownAt = Date.now();
      const share = total === 0 ? 100 : Math.floor((done / total) * 100);
      process.stderr.write(`\r${what}: ${formatBytes(done)} of ${formatBytes(total)} (${share} %)`);
    },
    end() {
      if (shownAt > 0) process.stderr.write('\n');
    },
  };
}
