import { performance } from 'node:perf_hooks';
import { quantile, report } from './table.ts';
import { waitsFor, withStudies } from './tui-program.ts';

/** What a person sees of a server that is gone, and of one that is back. */
export async function goneRows(): Promise<void> {
  await withStudies(1_000, { columns: 120, rows: 40 }, async (program, _, line) => {
    const secondsUntil = async (shown: string) => {
      const startedAt = performance.now();
      await program.until(shown, 60_000);
      return (performance.now() - startedAt) / 1_000;
    };
    await line.cut();
    report('G17 a server that refuses: until the header says so', [await secondsUntil('offline')], 's', 6);
    report('G17 meanwhile: key to the end of its frame, p95', [quantile(await waitsFor(program, 100), 0.95)], 'ms', 20);
    await line.mend();
    report('G17 it answers again: until the list is live', [await secondsUntil('● live')], 's', 16);
  });
}
