import { type ContainerRecord, inspected } from '../swarm/containers.ts';
import { EngineError } from '../swarm/engine-error.ts';
import { parseFilters } from '../swarm/filters.ts';
import { findOne } from '../swarm/store.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { frame } from './frames.ts';
import { bodyOf, type Handler } from './request.ts';

interface Exec {
  id: string;
  containerId: string;
  words: readonly string[];
  running: boolean;
  exitCode: number | null;
}

export interface ContainerRoutes {
  list: Handler;
  inspect: Handler;
  createExec: Handler;
  startExec: Handler;
  inspectExec: Handler;
}

/** Containers of this node, and programs run inside them. */
export function containerRoutes(): ContainerRoutes {
  const execs = new Map<string, Exec>();
  const execOf = (id: string) => {
    const exec = execs.get(id);
    if (!exec) throw new EngineError(404, `No such exec instance: ${id}`);
    return exec;
  };
  return {
    list: ({ query }, { agent }) => {
      const all = ['1', 'true'].includes(query.get('all') ?? '');
      parseFilters(query.get('filters'), ['id', 'name', 'label', 'status', 'ancestor', 'network', 'volume', 'is-task']);
      const records = [...agent.records.values()].filter(({ state }) => all || state === 'running');
      return { status: 200, json: records.map(listed) };
    },
    inspect: ({ parts }, model) => ({ status: 200, json: inspected(findContainer(model, parts.id ?? '')) }),
    createExec: (request, model) => {
      const record = findContainer(model, request.parts.id ?? '');
      const { Cmd } = bodyOf(request);
      if (!Array.isArray(Cmd) || Cmd.length === 0) throw new EngineError(400, 'No exec command specified');
      if (record.state !== 'running') throw new EngineError(409, `Container ${record.id} is not running`);
      const id = [...model.store.random(64)].map((letter) => (letter.charCodeAt(0) % 16).toString(16)).join('');
      execs.set(id, { id, containerId: record.id, words: Cmd.map(String), running: false, exitCode: null });
      return { status: 201, json: { Id: id } };
    },
    startExec: (request, model) => {
      const exec = execOf(request.parts.id ?? '');
      const record = model.agent.records.get(exec.containerId);
      const container = record && model.agent.live.get(record.taskId);
      if (!container?.isRunning) throw new EngineError(409, `Container ${exec.containerId} is not running`);
      return {
        status: 101,
        upgraded: (stream) => {
          exec.running = true;
          stream.on('error', () => undefined);
          stream.resume();
          void container.exec(exec.words).then(({ exitCode, stdout, stderr }) => {
            exec.running = false;
            exec.exitCode = exitCode;
            if (stdout !== '') stream.write(frame('stdout', Buffer.from(stdout)));
            if (stderr !== '') stream.write(frame('stderr', Buffer.from(stderr)));
            stream.end();
          });
        },
      };
    },
    inspectExec: ({ parts }) => {
      const { id, containerId, words, running, exitCode } = execOf(parts.id ?? '');
      const ProcessConfig = { tty: false, entrypoint: words[0], arguments: words.slice(1), privileged: false };
      return {
        status: 200,
        json: { ID: id, Running: running, ExitCode: exitCode, ProcessConfig, ContainerID: containerId, Pid: 0 },
      };
    },
  };
}

function findContainer({ agent }: SwarmModel, text: string): ContainerRecord {
  return findOne(agent.records.values(), text, {
    idOf: ({ id }) => id,
    nameOf: ({ name }) => name,
    notFound: `No such container: ${text}`,
    kind: 'container',
  });
}

function listed({ id, name, spec, state, taskId, serviceId, startedAt }: ContainerRecord) {
  return {
    Id: id,
    Names: [`/${name}`],
    Image: spec.Image,
    Command: [...(spec.Command ?? []), ...(spec.Args ?? [])].join(' ').slice(0, 80),
    Created: Math.floor(Date.parse(startedAt) / 1000),
    Ports: [],
    Labels: { ...spec.Labels, 'com.docker.swarm.task.id': taskId, 'com.docker.swarm.service.id': serviceId },
    State: state,
    Status: state === 'running' ? 'Up' : 'Exited',
    Mounts: [],
  };
}
