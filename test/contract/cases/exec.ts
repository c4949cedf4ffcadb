import { expect } from 'vitest';
import { type Bench, steadyService } from '../bench.ts';
import { isOver, untilRunning, untilTask } from '../bench-waits.ts';
import { framesOf, textOf } from '../frames.ts';
import { probes, scripts } from '../scripts.ts';
import { aTime, type CaseGroup, expectRefusal } from './case.ts';

const attached = { AttachStdout: true, AttachStderr: true };

async function container(bench: Bench): Promise<string> {
  const id = await bench.create('services', steadyService(bench));
  const [task] = await untilRunning(bench, id);
  return task?.Status.ContainerStatus?.ContainerID ?? '';
}

async function prepare(bench: Bench, id: string, body: object): Promise<string> {
  const { status, json } = await bench.post(`/containers/${id}/exec`, body);
  expect({ status, json }).toEqual({ status: 201, json: { Id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  return (json as { Id: string }).Id;
}

const notThere =
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "no-such-command": executable file not found in $PATH: unknown';
const inspect = async (bench: Bench, exec: string) =>
  (await bench.get(`/exec/${exec}/json`)).json as { Running: boolean; ExitCode: number | null };

export const execCases: CaseGroup = {
  subject: 'commands in containers',
  cases: [
    {
      name: 'runs a command over an upgraded connection and tells its exit code afterwards',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { ...attached, Cmd: probes.echoes });
        const connection = await bench.upgrade(`/v1.41/exec/${exec}/start`, { Detach: false, Tty: false });
        expect(connection.status).toBe(101);
        expect(connection.headers).toMatchObject({
          connection: 'Upgrade',
          upgrade: 'tcp',
          'content-type': 'application/vnd.docker.raw-stream',
        });
        await bench.until('it has ended', () => connection.ended());
        const frames = framesOf(connection.received());
        expect({ out: textOf(frames, 'stdout'), err: textOf(frames, 'stderr') }).toEqual({
          out: 'out\n',
          err: 'err\n',
        });
        const code = await bench.until('it is over', async () => {
          const { Running, ExitCode } = await inspect(bench, exec);
          return !Running && { ExitCode };
        });
        expect(code).toEqual({ ExitCode: 3 });
      },
    },
    {
      name: 'runs a command over a plain request as well',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { ...attached, Cmd: probes.echoes });
        const { status, bytes } = await bench.post(`/exec/${exec}/start`, { Detach: false, Tty: false });
        expect({ status, out: textOf(framesOf(bytes), 'stdout') }).toEqual({ status: 200, out: 'out\n' });
      },
    },
    {
      name: 'gives a command what is written to the connection',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), {
          ...attached,
          AttachStdin: true,
          Cmd: probes.echoesInput,
        });
        const connection = await bench.upgrade(`/v1.41/exec/${exec}/start`, { Detach: false, Tty: false });
        connection.write('hello\n');
        await bench.until('it answered', () => textOf(framesOf(connection.received())) === 'hello\n');
        connection.finish();
        await bench.until('it has ended', () => connection.ended());
        await bench.until('it is over', async () => (await inspect(bench, exec)).ExitCode === 0);
      },
    },
    {
      name: 'shows a command that has not been started',
      async run(bench) {
        const id = await container(bench);
        const exec = await prepare(bench, id, { ...attached, Cmd: ['sleep', '1'] });
        expect(await inspect(bench, exec)).toMatchObject({
          ID: exec,
          Running: false,
          ExitCode: null,
          ContainerID: id,
          OpenStdout: true,
          OpenStderr: true,
          OpenStdin: false,
          ProcessConfig: { entrypoint: 'sleep', arguments: ['1'], tty: false, privileged: false },
        });
      },
    },
    {
      name: 'runs a command detached',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { Cmd: ['/bin/sh', '-c', 'exit 4'] });
        const { status, text } = await bench.post(`/exec/${exec}/start`, { Detach: true });
        expect({ status, text }).toEqual({ status: 200, text: '' });
        await bench.until('it is over', async () => (await inspect(bench, exec)).ExitCode === 4);
      },
    },
    {
      name: 'does not start a command twice',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { ...attached, Cmd: probes.echoes });
        await bench.post(`/exec/${exec}/start`, { Detach: false });
        await bench.until('it is over', async () => (await inspect(bench, exec)).ExitCode === 3);
        const already = `Error: Exec command ${exec} has already run`;
        const { status, bytes } = await bench.post(`/exec/${exec}/start`, { Detach: false });
        expect({ status, said: textOf(framesOf(bytes)) }).toEqual({ status: 200, said: `${already}\r\n` });
        expectRefusal(await bench.post(`/exec/${exec}/start`, { Detach: true }), 409, already);
      },
    },
    {
      name: 'says that a command is not in the image, and calls it 126',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { ...attached, Cmd: scripts.noSuchCommand });
        const { status, bytes } = await bench.post(`/exec/${exec}/start`, { Detach: false });
        expect({ status, said: textOf(framesOf(bytes), 'stdout') }).toEqual({ status: 200, said: `${notThere}\r\n` });
        expect((await inspect(bench, exec)).ExitCode).toBe(126);
      },
    },
    {
      name: 'refuses to start a command detached that is not in the image',
      async run(bench) {
        const exec = await prepare(bench, await container(bench), { Cmd: scripts.noSuchCommand });
        expectRefusal(await bench.post(`/exec/${exec}/start`, { Detach: true }), 400, notThere);
      },
    },
    {
      name: 'refuses commands in containers that are none, and no command at all',
      async run(bench) {
        expectRefusal(await bench.post('/containers/nosuch/exec', { Cmd: ['true'] }), 404, 'No such container: nosuch');
        expectRefusal(
          await bench.post(`/containers/${await container(bench)}/exec`, {}),
          400,
          'No exec command specified',
        );
        expectRefusal(await bench.post('/exec/nosuch/start', {}), 404, 'No such exec instance: nosuch');
        expectRefusal(await bench.get('/exec/nosuch/json'), 404, 'No such exec instance: nosuch');
      },
    },
    {
      name: 'refuses a command in a container that has ended',
      async run(bench) {
        const spec = { container: { Command: scripts.fails }, task: { RestartPolicy: { Condition: 'none' } } };
        const id = await bench.create('services', steadyService(bench, spec));
        const task = await untilTask(bench, id, 'it is over', isOver);
        const ended = task.Status.ContainerStatus?.ContainerID ?? '';
        expectRefusal(
          await bench.post(`/containers/${ended}/exec`, { Cmd: ['true'] }),
          409,
          `Container ${ended} is not running`,
        );
      },
    },
    {
      name: 'shows the container of a task, with the labels that tell whose it is',
      async run(bench) {
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Labels: { mine: 'yes' }, Env: ['A=1'] } }),
        );
        const [task] = await untilRunning(bench, id);
        const containerId = task?.Status.ContainerStatus?.ContainerID;
        const { json } = await bench.get(`/containers/${containerId}/json`);
        expect(json).toMatchObject({
          Id: containerId,
          Name: `/${bench.unique()}.1.${task?.ID}`,
          Created: aTime,
          RestartCount: 0,
          State: {
            Status: 'running',
            Running: true,
            Paused: false,
            Restarting: false,
            OOMKilled: false,
            Dead: false,
            Pid: task?.Status.ContainerStatus?.PID,
            ExitCode: 0,
            Error: '',
            StartedAt: aTime,
            FinishedAt: '0001-01-01T00:00:00Z',
          },
          Config: {
            Image: bench.image,
            Env: expect.arrayContaining(['A=1']),
            Labels: {
              mine: 'yes',
              'com.docker.swarm.node.id': task?.NodeID,
              'com.docker.swarm.service.id': id,
              'com.docker.swarm.service.name': bench.unique(),
              'com.docker.swarm.task': '',
              'com.docker.swarm.task.id': task?.ID,
              'com.docker.swarm.task.name': `${bench.unique()}.1.${task?.ID}`,
            },
          },
        });
        expect(((await bench.get(`/containers/${containerId?.slice(0, 12)}/json`)).json as { Id: string }).Id).toBe(
          containerId,
        );
      },
    },
    {
      name: 'shows with which code the container of an ended task ended',
      async run(bench) {
        const spec = { container: { Command: scripts.fails }, task: { RestartPolicy: { Condition: 'none' } } };
        const id = await bench.create('services', steadyService(bench, spec));
        const task = await untilTask(bench, id, 'it is over', isOver);
        const { json } = await bench.get(`/containers/${task.Status.ContainerStatus?.ContainerID}/json`);
        expect(json).toMatchObject({
          State: { Status: 'exited', Running: false, Pid: 0, ExitCode: 7, FinishedAt: aTime },
        });
      },
    },
    {
      name: 'lists containers that run, and all when asked to, by label',
      async run(bench) {
        const spec = { container: { Labels: { [bench.unique()]: 'yes' } } };
        const id = await bench.create('services', steadyService(bench, spec));
        const [task] = await untilRunning(bench, id);
        const list = async (query: object) =>
          (await bench.get('/containers/json', { filters: { label: [bench.unique()] }, ...query })).json;
        expect(await list({})).toMatchObject([
          {
            Id: task?.Status.ContainerStatus?.ContainerID,
            Names: [`/${bench.unique()}.1.${task?.ID}`],
            Image: expect.any(String),
            State: 'running',
            Status: expect.stringMatching(/^Up /),
          },
        ]);
        await bench.update(
          id,
          steadyService(bench, { ...spec, container: { ...spec.container, Command: scripts.fails } }),
        );
        await bench.until('an ended one is listed', async () => {
          const states = ((await list({ all: '1' })) as { State: string }[]).map(({ State }) => State);
          return states.includes('exited');
        });
      },
    },
  ],
};
