/**
 * What a user waits for, as ratios against what they would type instead, in one run on the bed. Prints a table; no goal
 * fails the run, because machines are shared and noisy.
 */
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBed } from '../e2e/bed/bed.ts';
import { type Lab, longestGapSeconds, openLab, program, watchFromOutside } from '../e2e/support/lab.ts';
import { until } from '../e2e/support/until.ts';
import { countCalls } from './count-calls.ts';
import { hundredExperiments } from './hundred-experiments.ts';
import { plainStack } from './plain-stack.ts';
import { manyStudies } from './thousand-studies.ts';

const run = promisify(execFile);
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
};

async function times(count: number, work: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push(await work());
  return found.sort((a, b) => a - b);
}

const rows: string[][] = [['', 'min', 'median', 'max', 'goal', 'met']];
const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
function report(name: string, sorted: readonly number[], unit = 's', goal = '', met = ''): void {
  const shown = [sorted[0], middle(sorted), sorted.at(-1)].map((value) => `${value?.toFixed(3)} ${unit}`);
  rows.push([name, ...shown, goal, met]);
}
function compare(name: string, ours: readonly number[], theirs: readonly number[], goal: number): void {
  const ratio = middle(ours) / middle(theirs);
  rows.push([name, '', ratio.toFixed(2), '', `≤ ${goal}`, ratio <= goal ? 'yes' : 'NO']);
}

await startBed();
await using lab = await openLab();
await lab.prepare();
const docker = await stockDockerOverSsh(lab);

const bare = await times(20, () => seconds(() => run(process.execPath, ['-e', '0'])));
const version = await times(20, () => seconds(() => run(process.execPath, [program, '--version'])));
report('node -e 0', bare);
report('oforest --version', version);
compare('  ratio', version, bare, 2);

await using _many = await hundredExperiments(lab);
const serviceLs = await times(10, () => seconds(() => docker(['service', 'ls'])));
const list = await times(10, () => seconds(() => lab.succeed(['list'])));
report('docker -H ssh:// service ls, 100 experiments', serviceLs);
report('oforest list, 100 experiments', list);
compare('  ratio', list, serviceLs, 0.7);

const [hundred, thousand] = [await manyStudies(100), await manyStudies(1000)];
report('listing on the sandbox, a study of 100', hundred.listPerStudyMs, 'ms');
report('listing on the sandbox, a study of 1000', thousand.listPerStudyMs, 'ms');
compare('  ratio', thousand.listPerStudyMs, hundred.listPerStudyMs, 1.1);
report('status of one on the sandbox, of 1000', thousand.statusMs, 'ms');

const images = [lab.bed.images['study:v1'], lab.bed.images['study:v2']];
const plain = await plainStack(lab, docker);
await plain.deploy(images[0] ?? '');
await lab.succeed(['deploy', 'measured', '--image', images[0] ?? '']);

const stackNoop = await times(3, () => seconds(() => plain.deploy(images[0] ?? '')));
const noop = await times(5, () => seconds(() => lab.succeed(['deploy', 'measured', '--image', images[0] ?? ''])));
report('docker -H ssh:// stack deploy, nothing changed', stackNoop);
report('oforest deploy, nothing changed', noop);
compare('  ratio', noop, stackNoop, 0.2);
const calls = await countCalls(lab, ['deploy', 'measured', '--image', images[0] ?? '']);
rows.push(['  API calls', '', String(calls), '', '≤ 15', calls <= 15 ? 'yes' : 'NO']);

const plainGaps: number[] = [];
const ourGaps: number[] = [];
const soaks: number[] = [];
let turn = 0;
const nextImage = () => images[++turn % 2] ?? '';
const stackUpdate = await times(4, async () => {
  const outside = watchFromOutside(lab, plain.host);
  const image = nextImage();
  const taken = await seconds(async () => {
    await plain.deploy(image);
    await until('the route answers', async () => (await lab.get(plain.host, '/login')).status === 200);
  });
  plainGaps.push(longestGapSeconds(await outside.stop()));
  return taken;
});
turn = 0;
const update = await times(4, async () => {
  const outside = watchFromOutside(lab, 'measured.oforest.test');
  const { stdout } = await lab.succeed(['deploy', 'measured', '--image', nextImage(), '--json=lines']);
  ourGaps.push(longestGapSeconds(await outside.stop()));
  const at = (kind: string) =>
    Date.parse(
      stdout
        .split('\n')
        .map((line) => JSON.parse(line || '{}'))
        .find((event) => event.kind === kind)?.at ?? '',
    );
  soaks.push((at('settled') - at('serving')) / 1000);
  return (at('serving') - at('operation-started')) / 1000 + middle(noop);
});
report('docker -H ssh:// stack deploy of an update, until the route answers', stackUpdate);
report('oforest deploy of an update, trial included, until proven', update);
compare('  ratio', update, stackUpdate, 0.8);
report(
  '  the soak after it',
  soaks.sort((a, b) => a - b),
);
report(
  "an outside client's gap, bare stop-first",
  plainGaps.sort((a, b) => a - b),
);
const gap = middle(ourGaps.sort((a, b) => a - b));
report("an outside client's gap, oforest", ourGaps, 's', '≤ 5.5 s', gap <= 5.5 ? 'yes' : 'NO');
await plain.remove();

const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
for (const row of rows) console.log(row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));

/** The stock client over SSH, as a user would type it: its own ssh process for each command. */
async function stockDockerOverSsh({ bed, home }: Lab): Promise<(words: readonly string[]) => Promise<string>> {
  const { port, user, identityFile, knownHostsFile } = bed.ssh;
  const wrapper = join(home, 'ssh');
  const options = `-i ${identityFile} -o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes`;
  await writeFile(wrapper, `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`);
  await chmod(wrapper, 0o755);
  const env = { ...process.env, PATH: `${home}:${process.env.PATH}` };
  return async (words) => (await run('docker', ['-H', `ssh://${user}@127.0.0.1:${port}`, ...words], { env })).stdout;
}
