import { openProgram, openProgramHome } from '../cli/tui/support/open-program.ts';
import { cpuSeconds } from './process-costs.ts';
import { report } from './table.ts';

/** What it costs to watch a deployment, from its first step to its end. */
export async function workRows(): Promise<void> {
  await using home = await openProgramHome();
  await using program = openProgram(home, { size: { columns: 120, rows: 40 } });
  await program.until('trust-game');
  program.press('/', ...'trust-game', 'Enter', 'd');
  await program.until(/samples\/trust-game:v2▏/);
  program.press('Backspace', '3', 'Enter');
  await program.until('Deploy now');
  program.press('Enter');
  await program.until('You can leave');
  const [cpuBefore, startedAt] = [await cpuSeconds(program.pid), performance.now()];
  await program.until('Done: trust-game runs v3', 90_000);
  const cpu = (await cpuSeconds(program.pid)) - cpuBefore;
  const seconds = (performance.now() - startedAt) / 1000;
  report('G8 a deployment is watched: CPU of one core', [(cpu / seconds) * 100], '%', 5);
  program.press('q');
  await program.exit;
}
