import { spawn } from '@lydell/node-pty';
import { openProgram, openProgramHome } from '../cli/tui/support/open-program.ts';
import { compare, report } from './table.ts';

const size = { columns: 120, rows: 40 };
const endOfFrame = '\u001b[?2026l';

/** From the Enter key to what a person sees, beside Node alone, which is the least there is. */
export async function startRows({ times = 30 } = {}): Promise<void> {
  await using home = await openProgramHome();
  await startOnce(home);
  const starts = { node: [] as number[], first: [] as number[], frame: [] as number[], list: [] as number[] };
  for (let turn = 0; turn < times; turn += 1) {
    starts.node.push(await nodeAlone());
    const { first, frame, list } = await startOnce(home);
    starts.first.push(first);
    starts.frame.push(frame);
    starts.list.push(list);
  }
  report('node that prints a line, in a pty', starts.node, 'ms');
  report('oforest: first characters', starts.first, 'ms', 60);
  compare('  ratio to node', starts.first, starts.node, 2.2);
  report('oforest: first frame that takes keys', starts.frame, 'ms', 180);
  compare('  ratio to node', starts.frame, starts.node, 6.4);
  report('oforest: the list, from the sandbox or from the visit before', starts.list, 'ms');
}

async function startOnce(home: Parameters<typeof openProgram>[0]) {
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  await using program = openProgram(home, { size });
  const [first, frame, list] = await Promise.all([
    program.writes('').then(since),
    program.writes(endOfFrame).then(since),
    program.writes('trust-game').then(since),
  ]);
  program.press('q');
  await program.exit;
  return { first, frame, list };
}

function nodeAlone(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['-e', 'console.log(1)'], { cols: size.columns, rows: size.rows });
  return new Promise((resolve) => child.onData(() => resolve(performance.now() - startedAt)));
}
