import { setInterval as every, setTimeout as pause } from 'node:timers/promises';
import type { OpenProgram } from '../cli/tui/support/open-program.ts';
import { cpuSeconds, residentBytes } from './process-costs.ts';
import { quantile, report } from './table.ts';
import { endOfFrame, waitsFor, withStudies } from './tui-program.ts';

const heldKeysPerSecond = 30;

/** What keys cost with 1,000 experiments in the list. */
export async function keyRows({ seconds = 10 } = {}): Promise<void> {
  await withStudies(1_000, { columns: 120, rows: 40 }, async (program) => {
    const waits = await waitsFor(program, 200);
    report('G3 1,000 experiments: key to the end of its frame', waits, 'ms');
    report('G3 1,000 experiments: the same, p95', [quantile(waits, 0.95)], 'ms', 20);
    await heldArrow('120x40', program, { seconds, mostCpu: 45 });
  });
  await withStudies(1_000, { columns: 80, rows: 24 }, (program) =>
    heldArrow('80x24', program, { seconds, mostCpu: 30 }),
  );
}

/** What it costs that the window is open, and nobody does anything. */
export async function idleRows({ seconds = 60 } = {}): Promise<void> {
  for (const count of [50, 1_000])
    await withStudies(count, { columns: 120, rows: 40 }, async (program) => {
      await pause(10_000);
      const [cpuBefore, bytesBefore] = [await cpuSeconds(program.pid), program.written.length];
      await pause(seconds * 1_000);
      const cpu = (await cpuSeconds(program.pid)) - cpuBefore;
      const what = `G8 ${count.toLocaleString('en')} experiments, nothing happens`;
      report(`${what}: CPU of one core`, [(cpu / seconds) * 100], '%', 0.5);
      report(`${what}: bytes`, [program.written.length - bytesBefore], 'B', 0);
    });
}

/** What stays in the memory of a window that is open while something happens, once a second. */
export async function memoryRows({ events = 300 } = {}): Promise<void> {
  await withStudies(50, { columns: 120, rows: 40 }, async (program, lab) => {
    const residents: number[] = [];
    let second = 0;
    for await (const _ of every(1_000)) {
      lab.sandbox.model.store.emit('service', 'update', `s${second}`, { name: `many-${second % 50}_web` });
      if (second >= 60) residents.push((await residentBytes(program.pid)) / 1e6);
      second += 1;
      if (second === events) break;
    }
    // It goes up and down by 30 MB as garbage is collected: the middle of ten minutes, where there are as many.
    const part = Math.min(Math.floor(residents.length / 4), 600);
    const middleOf = (values: readonly number[]) => quantile(values, 0.5);
    const growth = middleOf(residents.slice(-part)) - middleOf(residents.slice(0, part));
    const what = `G22 ${events.toLocaleString('en')} s with one event each`;
    report(`${what}: memory in use`, residents, 'MB');
    report(`${what}: more at the end than after a minute`, [growth], 'MB', 20);
  });
}

/**
 * Eight hours. No faster: V8 gives its young generation back where a program leaves less than a megabyte of garbage a second,
 * as a window at one event a second does, and keeps it where it leaves more (at five, it was 80 MB larger after 90 minutes).
 */
export const soakRows = () => memoryRows({ events: 8 * 3_600 });

async function heldArrow(
  where: string,
  program: OpenProgram,
  { seconds, mostCpu }: { seconds: number; mostCpu: number },
): Promise<void> {
  program.press('Home');
  await pause(200);
  const frames = () => program.written.split(endOfFrame).length;
  const [cpuBefore, framesBefore] = [await cpuSeconds(program.pid), frames()];
  const waits: number[] = [];
  let keys = 0;
  for await (const _ of every(1_000 / heldKeysPerSecond)) {
    const pressedAt = performance.now();
    void program.writes(endOfFrame).then(() => waits.push(performance.now() - pressedAt));
    program.press('Down');
    keys += 1;
    if (keys === seconds * heldKeysPerSecond) break;
  }
  await pause(100);
  const cpu = (await cpuSeconds(program.pid)) - cpuBefore;
  const drawn = frames() - framesBefore;
  const what = `G4 1,000 experiments at ${where}, arrow held`;
  report(`${what}: keys without a frame of their own`, [keys - drawn], '', keys / 15);
  report(`${what}: key to the end of its frame, p99`, [quantile(waits, 0.99)], 'ms', 20);
  report(`${what}: CPU of one core`, [(cpu / seconds) * 100], '%', mostCpu);
  const shown = program.screen.lines().find((line) => /^[❯>]/.test(line)) ?? '';
  // The list is sorted by name: the row of a number is that number.
  report(`${what}: keys lost`, [keys + 1 - Number(/many-(\d+)/.exec(shown)?.[1])], '', 0);
}
