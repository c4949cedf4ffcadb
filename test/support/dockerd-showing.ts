import type { ServerResponse } from 'node:http';
import type { Labels, Service } from '../../src/core/swarm/engine-types.ts';
import type { ObservedStack } from '../../src/core/swarm/observe-stack.ts';
import { has, objectsOf } from './showing-swarm.ts';
import { json, startTinyDockerd, type TinyDockerd, type TinyDockerdOptions } from './tiny-dockerd.ts';

/** A dockerd that shows this Swarm and takes no writes: commands that only look can be typed against it. */
export function dockerdShowing(
  path: string,
  observed: ObservedStack,
  { others = [], answers = {} }: { others?: readonly Service[]; answers?: TinyDockerdOptions['answers'] } = {},
): Promise<TinyDockerd> {
  const { services, tasks, networks, secrets, configs, nodes } = objectsOf(observed, others);
  const labelled = services.map((service) => ({ ...service, labels: service.Spec.Labels }));
  const ofTasks = tasks.map((task) => ({
    ...task,
    labels: services.find(({ ID }) => ID === task.ServiceID)?.Spec.Labels ?? {},
  }));
  const asJson = configs.map((config) => ({
    ...config,
    Spec: { ...config.Spec, Data: config.Spec.Data.toString('base64') },
    labels: config.Spec.Labels,
  }));
  const info = {
    SystemTime: new Date().toISOString(),
    ServerVersion: '20.10.24',
    Swarm: { NodeID: 'node1', LocalNodeState: 'active', ControlAvailable: true },
  };
  const filtered =
    (objects: readonly { labels: Labels; Spec: object }[]) =>
    ({ url }: { url: string }, response: Parameters<typeof json>[0]) => {
      const filters = JSON.parse(new URL(url, 'http://d').searchParams.get('filters') ?? '{}');
      const [label, name] = [filters.label?.[0] as string | undefined, filters.name?.[0] as string | undefined];
      const [key = '', value] = label?.split('=') ?? [];
      const found = objects.filter(
        ({ labels, Spec }) =>
          (label === undefined || has(labels, { label: key, value })) &&
          (name === undefined || ('Name' in Spec && String(Spec.Name).startsWith(name))),
      );
      json(
        response,
        found.map(({ labels: _, ...object }) => object),
      );
    };
  return startTinyDockerd(path, {
    answers: {
      'GET /info': (_request, response) => json(response, info),
      'GET /nodes': (_request, response) => json(response, nodes),
      'GET /networks': (_request, response) => json(response, networks),
      'GET /services': filtered(labelled),
      'GET /tasks': filtered(ofTasks),
      'GET /configs': filtered(asJson),
      'GET /secrets': filtered(secrets.map((secret) => ({ ...secret, labels: secret.Spec.Labels }))),
      // Nothing runs behind what it shows: whoever wants to look into a container hears that there is none.
      ...Object.fromEntries(
        tasks.map(({ Status }) => [
          `POST /containers/${Status.ContainerStatus?.ContainerID}/exec`,
          (_request: unknown, response: ServerResponse) => json(response, { message: 'No such container' }, 404),
        ]),
      ),
      ...answers,
    },
  });
}
