/**
 * The goals of the terminal UI, G1 to G25: what it costs, measured on the built program in a pty, on a sandbox; and the tests
 * that show the rest. Needs no bed, and Linux for the CPU. Words after it choose parts: `npm run bench:tui -- start keys`;
 * `soak` takes 160 minutes and is run only when it is named.
 */
import { printTable } from './table.ts';
import { goalOfRow, missingRows, testRows } from './tui-goals.ts';
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
const given = process.argv.slice(2);
const chosen = given.length === 0 ? usual : given;

try {
  for (const [name, part] of Object.entries(parts)) if (chosen.includes(name)) await part();
  if (given.length === 0) missingRows();
} finally {
  printTable(goalOfRow);
}
