import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer, RequestOptions } from './http-client.ts';
import type { Service, Task } from './objects.ts';
import { scripts } from './scripts.ts';
import type { ContractTarget } from './target.ts';

type Query = Readonly<Record<string, unknown>>;
export type Kind = 'services' | 'configs' | 'secrets' | 'networks';

/** The target for one case: what is created through it is gone when the case is over. */
export interface Bench extends ContractTarget {
  /** A name that nobody else uses; the same for the same word. */
  unique(word?: string): string;
  get(path: string, query?: Query): Promise<Answer>;
  post(path: string, body?: unknown, query?: Query): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Creates it and gives its id. */
  create(kind: Kind, body: unknown): Promise<string>;
  service(id: string): Promise<Service>;
  /** Sends a changed spec with the version that it has now; again when the manager's own work counted it up meanwhile. */
  update(id: string, spec: unknown, query?: Query): Promise<void>;
  /** Newest first. */
  tasks(serviceId: string, filters?: Query): Promise<Task[]>;
  removeEverything(): Promise<void>;
}

export interface SpecChanges {
  readonly container?: Query;
  readonly task?: Query;
  readonly [key: string]: unknown;
}

/** A service that runs without incident, with these parts changed. */
export function steadyService(bench: Bench, { container, task, ...service }: SpecChanges = {}) {
  return {
    Name: bench.unique(),
    TaskTemplate: {
      ContainerSpec: { Image: bench.image, Command: scripts.steady, ...container },
      RestartPolicy: { Condition: 'any', Delay: 0 },
      ...task,
    },
    ...service,
  };
}

/** The same without tasks: for what the manager decides alone. */
export const idleService = (bench: Bench, changes: SpecChanges = {}) =>
  steadyService(bench, { Mode: { Replicated: { Replicas: 0 } }, ...changes });

export function openBench(target: ContractTarget): Bench {
  const prefix = `contract-${randomBytes(4).toString('hex')}`;
  const made: { kind: Kind; id: string }[] = [];
  const idsOf = (kind: Kind) => made.filter((object) => object.kind === kind).map(({ id }) => id);

  async function request(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    const answer = await target.request(method, path, options);
    const kind = /^\/v1\.41\/(services|configs|secrets|networks)\/create$/.exec(path)?.[1];
    if (kind && answer.status === 201) made.push({ kind: kind as Kind, id: idOf(answer) });
    return answer;
  }

  const bench: Bench = {
    ...target,
    request,
    unique: (word) => (word ? `${prefix}-${word}` : prefix),
    get: (path, query) => request('GET', `/v1.41${path}`, { ...(query && { query }) }),
    post: (path, body, query) => request('POST', `/v1.41${path}`, { body, ...(query && { query }) }),
    delete: (path) => request('DELETE', `/v1.41${path}`),
    async create(kind, body) {
      const answer = await bench.post(`/${kind}/create`, body);
      expect(answer).toMatchObject({ status: 201 });
      return idOf(answer);
    },
    async service(id) {
      return (await bench.get(`/services/${id}`)).json as Service;
    },
    async update(id, spec, query) {
      const { status, text } = await bench.until('the update is taken', async () => {
        const version = (await bench.service(id)).Version.Index;
        const answer = await bench.post(`/services/${id}/update`, spec, { version, ...query });
        return !answer.text.includes('update out of sequence') && answer;
      });
      expect({ status, text: text.trim() }).toEqual({ status: 200, text: '{"Warnings":null}' });
    },
    async tasks(serviceId, filters) {
      const { json } = await bench.get('/tasks', { filters: { service: [serviceId], ...filters } });
      return (json as Task[]).sort((one, other) => other.CreatedAt.localeCompare(one.CreatedAt));
    },
    async removeEverything() {
      await Promise.all(idsOf('services').map((id) => bench.delete(`/services/${id}`)));
      await bench.until('no task is left', () => noTaskOf(bench, idsOf('services')));
      for (const kind of ['configs', 'secrets'] as const)
        await Promise.all(idsOf(kind).map((id) => bench.delete(`/${kind}/${id}`)));
      for (const id of idsOf('networks'))
        await bench.until('the network is gone', async () =>
          [204, 404].includes((await bench.delete(`/networks/${id}`)).status),
        );
    },
  };
  return bench;
}

async function noTaskOf(bench: Bench, services: readonly string[]): Promise<boolean> {
  if (services.length === 0) return true;
  const { json } = await bench.get('/tasks');
  return !(json as Task[]).some(({ ServiceID }) => services.includes(ServiceID));
}

/** Networks say Id. */
function idOf({ json }: Answer): string {
  const { ID, Id } = json as { ID?: string; Id?: string };
  return ID ?? Id ?? '';
}
