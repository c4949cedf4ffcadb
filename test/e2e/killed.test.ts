import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab, program, runningTasks } from './support/lab.ts';
import { until } from './support/until.ts';

describe('with nobody left', () => {
  const host = 'alone.oforest.test';
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await lab.succeed(['deploy', 'alone', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

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

  it('names the stale operation to the next who comes, and lets a later one take over', async () => {
    const early = await lab.json(['deploy', 'alone', '--image', lab.bed.images['study:v2']]);
    if (early.exitCode !== 0) {
      expect({ exitCode: early.exitCode, code: early.value.error.code }).toEqual({
        exitCode: 5,
        code: 'operation-running',
      });
      expect(early.value.error.why).toContain('deploy');
    }
    await until('the lock is stale and was taken over', async () => {
      const { exitCode } = await lab.json(['deploy', 'alone', '--image', lab.bed.images['study:v2']]);
      return exitCode === 0;
    });
    const { releases } = (await lab.json(['releases', 'alone'])).value;
    expect(releases.map(({ state }) => state)).not.toContain('applying');
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200 });
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

const webImage = (lab: Lab) =>
  lab.docker(['service', 'inspect', 'alone_web', '--format', '{{.Spec.TaskTemplate.ContainerSpec.Image}}']);

const updateState = async (lab: Lab) =>
  (await lab.docker(['service', 'inspect', 'alone_web', '--format', '{{with .UpdateStatus}}{{.State}}{{end}}'])).trim();

const hash = '{{index .Spec.ContainerSpec.Labels "org.oforest.task"}}';
const taskLabel = (lab: Lab, task: string) => lab.docker(['inspect', task, '--format', hash]);
const serviceTaskLabel = (lab: Lab) =>
  lab.docker(['service', 'inspect', 'alone_web', '--format', hash.replace('.Spec.', '.Spec.TaskTemplate.')]);

/** Runners are told by their command line and by the config they were given: none of another lab's. */
async function pidsOfRunners(lab: Lab): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const isRunner = (await read('cmdline')).split('\0').slice(1, 3).join(' ') === `${program} run`;
      return isRunner && (await read('environ')).includes(lab.home) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}
