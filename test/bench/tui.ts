/** What the terminal UI costs while it is open: the built program in a pty, on a sandbox; needs no bed. */
import { printTable } from './table.ts';
import { logRows } from './tui-logs.ts';

try {
  await logRows();
} finally {
  printTable();
}
