/**
 * What a user waits for, as ratios against what they would type instead, in one run on the bed. Prints a table; no goal
 * fails the run, because machines are shared and noisy. Words after it choose parts of it: `npm run bench -- data guard`.
 */
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBed } from '../e2e/bed/bed.ts';
import { type Lab, longestGapSeconds, openLab, program, watchFromOutside } from '../e2e/support/lab.ts';
import { removeStack } from '../e2e/support/remove-stack.ts';
import { until } from '../e2e/support/until.ts';
import { countCalls } from './count-calls.ts';
import { dataRows } from './data-rows.ts';
import { guardRows } from './guard-rows.ts';
import { hundredExperiments } from './hundred-experiments.ts';
import { type PlainStack, plainStack } from './plain-stack.ts';
import { compare, count, middle, printTable, report, seconds, times } from './table.ts';
import { manyStudies } from './thousand-studies.ts';
import { goalOfRow } from './tui-goals.ts';
import { tuiRows } from './tui-rows.ts';

const run = promisify(execFile);
const parts = ['start', 'list', 'update', 'data', 'guard', 'tui'] as const;
const given = process.argv.slice(2);
const wants = (part: (typeof parts)[number]) => given.length === 0 || given.includes(part);

await startBed();
await using lab = await openLab();
await lab.prepare();
const docker = await stockDockerOverSsh(lab);

try {
  if (wants('start')) await startRows();
  if (wants('list')) await listRows();
  if (wants('update') || wants('data') || wants('guard')) await studyRows();
  if (wants('tui')) await tuiRows();
} finally {
  printTable(goalOfRow);
}

async function startRows(): Promise<void> {
  const bare = await times(20, () => seconds(() => run(process.execPath, ['-e', '0'])));
  const version = await times(20, () => seconds(() => run(process.execPath, [program, '--version'])));
  report('node -e 0', bare);
  report('oforest --version', version);
  compare('  ratio', version, bare, 2);
}

async function listRows(): Promise<void> {
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
}

/** On a study of ours beside the same two services as a plain stack. */
async function studyRows(): Promise<void> {
  const images = [lab.bed.images['study:v1'] ?? '', lab.bed.images['study:v2'] ?? ''];
  const plain = await plainStack(lab, docker);
  try {
    await plain.deploy(images[0] ?? '');
    await lab.succeed(['deploy', 'measured', '--image', images[0] ?? '']);
    if (wants('guard')) await guardRows(lab, 'measured');
    if (wants('update')) await updateRows(plain, images);
    if (wants('data')) await dataRows(lab, plain, docker);
  } finally {
    await plain.remove();
    await removeStack(lab, 'measured');
  }
}

async function updateRows(plain: PlainStack, images: readonly string[]): Promise<void> {
  const stackNoop = await times(3, () => seconds(() => plain.deploy(images[0] ?? '')));
  const noop = await times(5, () => seconds(() => lab.succeed(['deploy', 'measured', '--image', images[0] ?? ''])));
  report('docker -H ssh:// stack deploy, nothing changed', stackNoop);
  report('oforest deploy, nothing changed', noop);
  compare('  ratio', noop, stackNoop, 0.2);
  const calls = await countCalls(lab, ['deploy', 'measured', '--image', images[0] ?? '']);
  count('  API calls', calls, 15);

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
    const { stdout } = await lab.succeed([
      ...['deploy', 'measured', '--image', nextImage(), '--json=lines'],
      // The client that asks from outside 20 times a second holds a page open, as far as the guard can see.
      '--ignore-open-pages',
    ]);
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
  report('oforest deploy of an update, trial, fit and guard included (open pages not counted), until proven', update);
  compare('  ratio', update, stackUpdate, 0.8);
  report('  the soak after it', soaks);
  report("an outside client's gap, bare stop-first", plainGaps);
  report("an outside client's gap, oforest", ourGaps, 's', 5.5);
}

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
