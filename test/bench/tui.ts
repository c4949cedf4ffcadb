/**
 * The goals of the terminal UI, G1 to G25: what it costs, measured on the built program in a pty, on a sandbox; and the tests
 * that show the rest. Needs no bed, and Linux for the CPU. Words after it choose parts: `npm run bench:tui -- start keys`.
 */
import { printTable } from './table.ts';
import { goalOfRow, missingRows, testRows } from './tui-goals.ts';
import { idleRows, keyRows, memoryRows } from './tui-keys.ts';
import { logRows } from './tui-logs.ts';
import { startRows } from './tui-start.ts';
import { workRows } from './tui-work.ts';

const parts = {
  start: () => startRows(),
  keys: () => keyRows(),
  idle: () => idleRows(),
  work: () => workRows(),
  memory: () => memoryRows(),
  logs: () => logRows(),
  tests: testRows,
};
const given = process.argv.slice(2);

try {
  for (const [name, part] of Object.entries(parts)) if (given.length === 0 || given.includes(name)) await part();
  if (given.length === 0) missingRows();
} finally {
  printTable(goalOfRow);
}
