import type { LogEntry } from '../swarm/containers.ts';
import { EngineError } from '../swarm/engine-error.ts';
import { hasEnded, type Task } from '../swarm/objects.ts';
import { findService } from '../swarm/services.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { frame } from './frames.ts';
import type { Answer, EngineRequest, OpenBody } from './request.ts';
import { findTask } from './task-routes.ts';

export function serviceLogs(request: EngineRequest, model: SwarmModel): Answer {
  const service = findService(model.store, request.parts.id ?? '');
  return logsOf(request, model, () => model.store.tasksOf(service.ID));
}

export function taskLogs(request: EngineRequest, model: SwarmModel): Answer {
  const task = findTask(model.store, request.parts.id ?? '');
  return logsOf(request, model, () => [task]);
}

function logsOf({ query }: EngineRequest, model: SwarmModel, tasks: () => readonly Task[]): Answer {
  const on = (name: string) => ['1', 'true', 'True', 'TRUE'].includes(query.get(name) ?? '');
  const streams = (['stdout', 'stderr'] as const).filter(on);
  if (streams.length === 0) throw new EngineError(500, 'Bad parameters: you must choose at least one stream');
  const tail = query.get('tail') ?? 'all';
  const count = tail === 'all' || tail === '' ? Number.POSITIVE_INFINITY : Number(tail);
  if (Number.isNaN(count)) throw new EngineError(500, 'tail value must be a positive integer or "all"');
  if (count < 0) throw new EngineError(500, 'negative tail values not supported');
  const from = query.get('since') ?? '0';
  const since = Number(from) * 1000;
  if (Number.isNaN(since))
    throw new EngineError(500, `could not parse since timestamp: strconv.ParseInt: parsing "${from}": invalid syntax`);
  const wanted = ({ stream, at }: LogEntry) => streams.includes(stream) && Date.parse(at) >= since;
  const written = (task: Task, { at, stream, text }: LogEntry): Buffer => {
    const time = on('timestamps') ? `${at} ` : '';
    const details = on('details')
      ? `com.docker.swarm.node.id=${task.NodeID},com.docker.swarm.service.id=${task.ServiceID},com.docker.swarm.task.id=${task.ID} `
      : '';
    return frame(stream, Buffer.from(`${time}${details}${text}\n`));
  };

  return {
    status: 200,
    open(body) {
      for (const task of tasks()) {
        const lines = (model.agent.recordOf(task.ID)?.log ?? []).filter(wanted);
        const shown = count === Number.POSITIVE_INFINITY ? lines : lines.slice(Math.max(0, lines.length - count));
        for (const entry of shown) body.write(written(task, entry));
      }
      if (!on('follow')) return body.end();
      follow(model, tasks, body, (task, entry) => {
        if (streams.includes(entry.stream)) body.write(written(task, entry));
      });
    },
  };
}

/** Lines as they come, also of tasks that are made later; ends when the one task asked for has ended, or its service. */
function follow(
  model: SwarmModel,
  tasks: () => readonly Task[],
  body: OpenBody,
  show: (task: Task, entry: LogEntry) => void,
): void {
  const heard = new Map<string, () => void>();
  let over = false;
  let isFirst = true;
  const listen = () => {
    if (over) return;
    const all = tasks();
    for (const task of all) {
      const container = model.agent.live.get(task.ID);
      if (!container || heard.has(container.record.id)) continue;
      if (!isFirst) for (const entry of container.record.log) show(task, entry);
      const stop = container.onLine((entry) => show(task, entry));
      heard.set(container.record.id, stop);
    }
    isFirst = false;
    const isOver = all.every((task) => hasEnded(task.Status.State) && !model.store.services.has(task.ServiceID));
    if (isOver) return body.end();
    model.store.timeline.after(300, listen);
  };
  body.onClose(() => {
    over = true;
    for (const stop of heard.values()) stop();
  });
  listen();
}
