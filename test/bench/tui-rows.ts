import { missingRows, testRows } from './tui-goals.ts';
import { goneRows } from './tui-gone.ts';
import { idleRows, keyRows, memoryRows, soakRows } from './tui-keys.ts';
import { logRows } from './tui-logs.ts';
import { startRows } from './tui-start.ts';
import { workRows } from './tui-work.ts';

const parts = {
  start: () => startRows(),
  keys: () => keyRows(),
  idle: () => idleRows(),
  work: () => workRows(),
  gone: () => goneRows(),
  memory: () => memoryRows(),
  logs: () => logRows(),
  tests: testRows,
  soak: () => soakRows(),
};
const usual = Object.keys(parts).filter((name) => name !== 'soak');

/** The goals of the terminal UI, G1 to G25, on a sandbox: these parts of them, or all but the soak. */
export async function tuiRows(given: readonly string[] = []): Promise<void> {
  const chosen = given.length === 0 ? usual : given;
  for (const [name, part] of Object.entries(parts)) if (chosen.includes(name)) await part();
  if (given.length === 0) missingRows();
}
