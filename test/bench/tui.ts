/**
 * The goals of the terminal UI, G1 to G25: what it costs, measured on the built program in a pty, on a sandbox; and the tests
 * that show the rest. Needs no bed, and Linux for the CPU. Words after it choose parts: `npm run bench:tui -- start keys`;
 * `soak` takes eight hours and is run only when it is named.
 */
import { printTable } from './table.ts';
import { goalOfRow } from './tui-goals.ts';
import { tuiRows } from './tui-rows.ts';

try {
  await tuiRows(process.argv.slice(2));
} finally {
  printTable(goalOfRow);
}
