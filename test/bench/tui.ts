/**
 * What the terminal UI costs: the built program in a pty, on a sandbox; needs no bed, and Linux for the CPU. Words after it
 * choose parts of it: `npm run bench:tui -- start keys`.
 */
import { printTable } from './table.ts';
import { idleRows, keyRows } from './tui-keys.ts';
import { logRows } from './tui-logs.ts';
import { startRows } from './tui-start.ts';

const parts = { start: () => startRows(), keys: () => keyRows(), idle: () => idleRows(), logs: () => logRows() };
const given = process.argv.slice(2);

try {
  for (const [name, part] of Object.entries(parts)) if (given.length === 0 || given.includes(name)) await part();
} finally {
  printTable();
}
