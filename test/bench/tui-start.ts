import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { openProgram, openProgramHome, type ProgramHome, program } from '../cli/tui/support/open-program.ts';
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
  report('G1 node that prints a line, in a pty', starts.node, 'ms');
  report('G1 oforest: first characters', starts.first, 'ms', 60);
  compare('G1   ratio to node', starts.first, starts.node, 2.2);
  report('G1 oforest: first frame that takes keys', starts.frame, 'ms', 180);
  compare('G1   ratio to node', starts.frame, starts.node, 6.4);
  report('G1 oforest: first frame that takes keys, the slowest of 10', [ofTen(starts.frame)], 'ms', 260);
  report('G1 oforest: the list, from the sandbox or from the visit before', starts.list, 'ms');
  await scriptRows(home, times);
}

/** Commands of which nobody wants to know that a screen could be drawn. */
async function scriptRows(home: ProgramHome, times: number): Promise<void> {
  const took = { node: [] as number[], version: [] as number[], json: [] as number[] };
  for (let turn = 0; turn < times; turn += 1) {
    took.node.push(await runs(home, ['-e', '0']));
    took.version.push(await runs(home, [program, '--version']));
    took.json.push(await runs(home, [program, 'server', 'list', '--json']));
  }
  report('G1 oforest --version', took.version, 'ms', 60);
  compare('G1   ratio to node', took.version, took.node, 2);
  report('G2 oforest server list --json', took.json, 'ms', 90);
  compare('G2   ratio to node', took.json, took.node);
}

async function runs({ environment }: ProgramHome, words: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, [...words], { env: environment });
  return performance.now() - startedAt;
}

function ofTen(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.9)] ?? Number.NaN;
}

async function startOnce(home: ProgramHome) {
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
