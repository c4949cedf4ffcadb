import { setTimeout as pause } from 'node:timers/promises';

/** Polls until it is so; throws after two minutes, naming what it waited for. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`waited two minutes, but not: ${what}`);
    await pause(200);
  }
}
