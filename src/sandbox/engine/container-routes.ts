import type { Outcome } from '../programs/program.ts';
import { type ContainerRecord, inspected, type LiveContainer } from '../swarm/containers.ts';
import { EngineError } from '../swarm/engine-error.ts';
import { matchesLabels, parseFilters } from '../swarm/filters.ts';
import type { Labels } from '../swarm/objects.ts';
import { findOne } from '../swarm/store.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { frame } from './frames.ts';
import { type Answer, bodyOf, checkJsonType, type EngineRequest, type Handler } from './request.ts';

interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly words: readonly string[];
  readonly attached: { stdin: boolean; stdout: boolean; stderr: boolean };
  state: 'made' | 'running' | 'over';
  exitCode: number | null;
}

export interface ContainerRoutes {
  list: Handler;
  inspect: Handler;
  createExec: Handler;
  startExec: Handler;
  inspectExec: Handler;
}

const accepted = ['ancestor', 'id', 'is-task', 'label', 'name', 'network', 'status', 'volume'];

/** Containers of this node, and programs run inside them. */
export function containerRoutes(): ContainerRoutes {
  const execs = new Map<string, Exec>();
  const execOf = (id: string) => {
    const exec = execs.get(id);
    if (!exec) throw new EngineError(404, `No such exec instance: ${id}`);
    return exec;
  };
  return {
    list: ({ query }, model) => {
      const all = ['1', 'true'].includes(query.get('all') ?? '');
      const filters = parseFilters(query.get('filters'), accepted);
      const records = [...model.agent.records.values()].filter(
        (record) => (all || record.state === 'running') && matchesLabels(labelsOf(model, record), filters.get('label')),
      );
      return { status: 200, json: records.map((record) => listed(model, record)) };
    },
    inspect: ({ parts }, model) => {
      const record = findContainer(model, parts.id ?? '');
      const Labels = labelsOf(model, record);
      return { status: 200, json: inspected(record, { Labels, Networks: networksOf(model, record) }) };
    },
    createExec: (request, model) => {
      checkJsonType(request);
      const record = findContainer(model, request.parts.id ?? '');
      const { Cmd, AttachStdin, AttachStdout, AttachStderr } = bodyOf(request);
      if (!Array.isArray(Cmd) || Cmd.length === 0) throw new EngineError(400, 'No exec command specified');
      if (record.state !== 'running') throw new EngineError(409, `Container ${record.id} is not running`);
      const id = model.store.newHexId();
      const attached = { stdin: AttachStdin === true, stdout: AttachStdout === true, stderr: AttachStderr === true };
      execs.set(id, { id, containerId: record.id, words: Cmd.map(String), attached, state: 'made', exitCode: null });
      return { status: 201, json: { Id: id } };
    },
    startExec: (request, model) => startExec(execOf(request.parts.id ?? ''), request, model),
    inspectExec: ({ parts }) => {
      const { id, containerId, words, attached, state, exitCode } = execOf(parts.id ?? '');
      const [entrypoint, ...rest] = words;
      return {
        status: 200,
        json: {
          ID: id,
          Running: state === 'running',
          ExitCode: exitCode,
          ProcessConfig: { tty: false, entrypoint, arguments: rest, privileged: false },
          OpenStdin: attached.stdin,
          OpenStdout: attached.stdout,
          OpenStderr: attached.stderr,
          CanRemove: false,
          ContainerID: containerId,
          DetachKeys: '',
          Pid: state === 'running' ? 4712 : 0,
        },
      };
    },
  };
}

const notThere = (word: string) =>
  `OCI runtime exec failed: exec failed: unable to start container process: exec: "${word}": executable file not found in $PATH: unknown`;

/** Over an upgraded connection, as the answer to a plain request, or with nobody looking. */
function startExec(exec: Exec, request: EngineRequest, { agent }: SwarmModel): Answer | Promise<Answer> {
  const record = agent.records.get(exec.containerId);
  const container = record && agent.live.get(record.taskId);
  if (!container?.isRunning) throw new EngineError(409, `Container ${exec.containerId} is not running`);
  const isDetached = request.body !== '' && bodyOf(request).Detach === true;
  const already = exec.state === 'made' ? undefined : `Error: Exec command ${exec.id} has already run`;
  if (already && isDetached) throw new EngineError(409, already);
  if (isDetached) return runDetached(exec, container);
  const talk: Talk = { write: () => undefined, onInput: () => undefined };
  const finish = (end: () => void) => {
    if (already === undefined) return void run(exec, container, talk).then(end);
    talk.write(`${already}\r\n`, 'stdout');
    end();
  };
  if (!request.upgrades)
    return {
      status: 200,
      headers: { 'Content-Type': 'application/vnd.docker.raw-stream' },
      open: (body) => {
        talk.write = (text, stream) => body.write(frame(stream, Buffer.from(text)));
        finish(() => body.end());
      },
    };
  return {
    status: 101,
    upgraded: (connection) => {
      connection.on('error', () => undefined);
      talk.write = (text, stream) => connection.write(frame(stream, Buffer.from(text)));
      talk.onInput = (listener) => {
        connection.on('data', (chunk: Buffer) => listener(chunk));
        connection.on('end', () => listener(undefined));
      };
      connection.resume();
      finish(() => connection.end());
    },
  };
}

interface Talk {
  write(text: string, stream: 'stdout' | 'stderr'): void;
  onInput(listener: (chunk: Buffer | undefined) => void): void;
}

async function run(exec: Exec, container: LiveContainer, talk: Talk): Promise<void> {
  exec.state = 'running';
  const { exitCode, stdout, stderr } = await container.exec(exec.words, {
    onInput: talk.onInput,
    write: (text, stream = 'stdout') => talk.write(text, stream),
  });
  if (stdout !== '') talk.write(stdout, 'stdout');
  if (stderr !== '' && !isMissing(exec, exitCode)) talk.write(stderr, 'stderr');
  if (isMissing(exec, exitCode)) talk.write(`${notThere(exec.words[0] ?? '')}\r\n`, 'stdout');
  end(exec, exitCode);
}

/** Whoever starts it detached still hears that the command is not there. */
async function runDetached(exec: Exec, container: LiveContainer): Promise<Answer> {
  exec.state = 'running';
  const outcome: Outcome | Promise<Outcome> = container.exec(exec.words);
  const early = await Promise.race([
    outcome,
    new Promise<undefined>((resolve) => void setImmediate(resolve, undefined)),
  ]);
  if (early && isMissing(exec, early.exitCode)) {
    end(exec, early.exitCode);
    throw new EngineError(400, notThere(exec.words[0] ?? ''));
  }
  void Promise.resolve(outcome).then(({ exitCode }) => end(exec, exitCode));
  return { status: 200, text: '' };
}

function end(exec: Exec, exitCode: number): void {
  exec.state = 'over';
  exec.exitCode = isMissing(exec, exitCode) ? 126 : exitCode;
}

/** A shell that does not find a command says 127 itself; without a shell the container runtime says so. */
function isMissing({ words }: Exec, exitCode: number): boolean {
  return exitCode === 127 && !/(?:^|\/)sh$/.test(words[0] ?? '');
}

export function findContainer({ agent }: SwarmModel, text: string): ContainerRecord {
  return findOne(agent.records.values(), text, {
    idOf: ({ id }) => id,
    nameOf: ({ name }) => name,
    notFound: `No such container: ${text}`,
    kind: 'container',
  });
}

function labelsOf({ store }: SwarmModel, { spec, taskId, serviceId, nodeId, name }: ContainerRecord): Labels {
  return {
    ...spec.Labels,
    'com.docker.swarm.node.id': nodeId,
    'com.docker.swarm.service.id': serviceId,
    'com.docker.swarm.service.name': store.serviceNameOf(taskId),
    'com.docker.swarm.task': '',
    'com.docker.swarm.task.id': taskId,
    'com.docker.swarm.task.name': name,
  };
}

function networksOf({ store }: SwarmModel, { taskId }: ContainerRecord): Record<string, unknown> {
  const attachments = store.tasks.get(taskId)?.NetworksAttachments ?? [];
  return Object.fromEntries(
    attachments.map(({ Network, Addresses }) => [
      (Network.Spec as { Name: string }).Name,
      { NetworkID: Network.ID, IPAddress: (Addresses[0] ?? '').split('/')[0] },
    ]),
  );
}

function listed(model: SwarmModel, record: ContainerRecord) {
  const { id, name, spec, state, startedAt } = record;
  return {
    Id: id,
    Names: [`/${name}`],
    Image: spec.Image,
    ImageID: '',
    Command: [...(spec.Command ?? []), ...(spec.Args ?? [])].join(' ').slice(0, 80),
    Created: Math.floor(Date.parse(startedAt) / 1000),
    Ports: [],
    Labels: labelsOf(model, record),
    State: state,
    Status: state === 'running' ? 'Up some time' : `Exited (${record.exitCode})`,
    Mounts: [],
  };
}
