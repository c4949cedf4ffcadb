import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab, program, runningTasks } from './support/lab.ts';
import { removeStack } from './support/remove-stack.ts';
import { pidsOfRunners } from './support/runners.ts';
import { until } from './support/until.ts';

describe('with nobody left', () => {
  const host = 'alone.oforest.test';
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await removeStack(lab, 'alone');
    await lab.succeed(['deploy', 'alone', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(async () => {
    await removeStack(lab, 'alone');
    await lab[Symbol.asyncDispose]();
  });

  it('the old release serves again within 60 s when client and runner are killed during a late-crashing update', async () => {
    const words = [program, 'deploy', 'alone', '--image', lab.bed.images['crash-late']];
    const client = spawn(process.execPath, words, { env: lab.environment, stdio: 'ignore' });
    await until('the new task runs', async () => (await webImage(lab)).includes('crash-late'));
    const runners = await pidsOfRunners(lab);
    expect(runners).toHaveLength(1);
    for (const pid of [client.pid ?? 0, ...runners]) process.kill(pid, 'SIGKILL');
    const killedAt = performance.now();
    await until('they are gone', async () => (await pidsOfRunners(lab)).length === 0);

    // It crashes 8 s after its start; wait for that first, so that the old release is seen to come back.
    await until('Swarm has rolled back', async () => (await updateState(lab)) === 'rollback_completed');
    await until('v1 answers', async () => (await lab.get(host, '/login')).release === 'v1');
    const seconds = (performance.now() - killedAt) / 1000;
    console.log(`old release back ${seconds.toFixed(1)} s after the kill`);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await webImage(lab)).toContain('study:v1');
  });

  it('is named to the next who comes, then undone by the same command typed again, which says so', async () => {
    const [left] = await activityOf(lab);
    const early = await lab.json(['deploy', 'alone', '--image', lab.bed.images['study:v2']]);
    expect({ exitCode: early.exitCode, code: early.value.error.code }).toEqual({
      exitCode: 5,
      code: 'operation-running',
    });
    expect(early.value.error.why).toContain('deploy');
    const state = async () => (await activityOf(lab))[0]?.state;
    await until('nobody is taken to be at work', async () => (await state()) === 'stale');

    const { exitCode, stderr } = await lab.oforest(['deploy', 'alone', '--image', lab.bed.images['crash-late']]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/The deployment by .* was interrupted; it is finished or undone first\./);
    const operations = await activityOf(lab);
    expect(operations.map(({ verb, state }) => `${verb} ${state}`)).toEqual([
      'deploy failed',
      'deploy failed',
      'deploy succeeded',
    ]);
    expect(operations[1]?.operation).toBe(left?.operation);
    const { releases } = (await lab.json(['releases', 'alone'])).value;
    expect(releases.map(({ release, state, serving }) => `v${release} ${state}${serving ? ' serving' : ''}`)).toEqual([
      'v3 failed',
      'v2 failed',
      'v1 proven serving',
    ]);
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('is finished by the same command when it was killed before it was proven, though nothing seems left to do', async () => {
    const words = ['deploy', 'alone', '--image', lab.bed.images['study:v2']];
    const answers = async () => (await lab.get(host, '/login')).release;
    const before = await answers();
    const client = spawn(process.execPath, [program, ...words], { env: lab.environment, stdio: 'ignore' });
    await until('the new release answers', async () => ![before, ''].includes(await answers()));
    for (const pid of [client.pid ?? 0, ...(await pidsOfRunners(lab))]) process.kill(pid, 'SIGKILL');
    const state = async () => (await activityOf(lab))[0]?.state;
    expect(await state()).toBe('running');
    await until('nobody is taken to be at work', async () => (await state()) === 'stale');
    expect((await lab.json(words)).value).toMatchObject({ ok: true, outcome: 'unchanged' });
    expect(await state()).toBe('succeeded');
    const [release] = (await lab.json(['releases', 'alone'])).value.releases;
    expect(release).toMatchObject({ state: 'proven', serving: true });
    expect(await answers()).toBe(`v${release?.release}`);
  });

  it('goes on when only the client is killed, and can be watched again', async () => {
    const words = [program, 'deploy', 'alone', '--image', lab.bed.images['study:v3']];
    const client = spawn(process.execPath, words, { env: lab.environment, stdio: 'ignore' });
    await until('it is accepted', async () => (await lab.json(['status', 'alone'])).value.operation !== undefined);
    const { operation } = (await lab.json(['status', 'alone'])).value;
    client.kill('SIGKILL');
    const watched = await lab.json(['watch', operation.id]);
    expect(watched.value).toMatchObject({ ok: true, outcome: 'succeeded', state: 'running' });
    expect(await webImage(lab)).toContain('study:v3');
  });

  it('tells the second of two people who is at work, and stops watching on Ctrl-C', async () => {
    const words = [program, 'restart', 'alone'];
    const first = spawn(process.execPath, words, { env: lab.environment, stdio: 'ignore' });
    const exit = new Promise<number | null>((done) => first.once('close', done));
    await until('it is accepted', async () => (await lab.json(['status', 'alone'])).value.operation !== undefined);
    const second = await lab.json(['stop', 'alone']);
    expect({ exitCode: second.exitCode, code: second.value.error.code }).toEqual({
      exitCode: 5,
      code: 'operation-running',
    });
    expect(second.value.error.why).toContain('restart');
    const { operation } = (await lab.json(['status', 'alone'])).value;
    first.kill('SIGINT');
    expect(await exit).toBe(130);
    expect((await lab.json(['watch', operation.id])).value).toMatchObject({ ok: true, outcome: 'succeeded' });
  });

  it('proves a settings-only update by the task hash, never by the old task', async () => {
    const [before] = await runningTasks(lab, 'alone_web');
    const digest = await webImage(lab);
    const { value } = await lab.json(['variable', 'set', 'alone', 'TREATMENT=b']);
    expect(value).toMatchObject({ ok: true, state: 'running' });
    const [after] = await runningTasks(lab, 'alone_web');
    expect(after).not.toBe(before);
    expect(await webImage(lab)).toBe(digest);
    expect(await taskLabel(lab, after ?? '')).toBe(await serviceTaskLabel(lab));
    expect(await taskLabel(lab, after ?? '')).not.toBe(await taskLabel(lab, before ?? ''));
  });
});

/** Newest first. */
async function activityOf(lab: Lab): Promise<readonly { operation: string; verb: string; state: string }[]> {
  const { value } = await lab.json(['activity', 'alone']);
  return (value as unknown as { operations: { operation: string; verb: string; state: string }[] }).operations;
}

const webImage = (lab: Lab) =>
  lab.docker(['service', 'inspect', 'alone_web', '--format', '{{.Spec.TaskTemplate.ContainerSpec.Image}}']);

const updateState = async (lab: Lab) =>
  (await lab.docker(['service', 'inspect', 'alone_web', '--format', '{{with .UpdateStatus}}{{.State}}{{end}}'])).trim();

const hash = '{{index .Spec.ContainerSpec.Labels "org.oforest.task"}}';
const taskLabel = (lab: Lab, task: string) => lab.docker(['inspect', task, '--format', hash]);
const serviceTaskLabel = (lab: Lab) =>
  lab.docker(['service', 'inspect', 'alone_web', '--format', hash.replace('.Spec.', '.Spec.TaskTemplate.')]);
