import { parseFilters } from '../swarm/filters.ts';
import type { SwarmEvent } from '../swarm/store.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { pass } from '../timeline.ts';
import type { Answer, EngineRequest } from './request.ts';

const accepted = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
];

/** One JSON object a line, from now on; `until` ends it. */
export function events({ query }: EngineRequest, { store }: SwarmModel): Answer {
  const filters = parseFilters(query.get('filters'), accepted);
  const among = (name: string, values: readonly string[]) => {
    const wanted = filters.get(name);
    return wanted === undefined || wanted.some((one) => values.includes(one));
  };
  const isWanted = ({ Type, Action, Actor, scope }: SwarmEvent) =>
    among('type', [Type]) &&
    among('event', [Action]) &&
    among('scope', [scope]) &&
    (['service', 'config', 'secret', 'network', 'node'] as const).every(
      (kind) => !filters.has(kind) || (Type === kind && among(kind, [Actor.ID, Actor.Attributes.name ?? ''])),
    );
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    open(body) {
      const since = Number(query.get('since') ?? Number.POSITIVE_INFINITY);
      for (const event of store.events)
        if (event.time >= since && isWanted(event)) body.write(`${JSON.stringify(event)}\n`);
      const stop = store.listen((event) => {
        if (isWanted(event)) body.write(`${JSON.stringify(event)}\n`);
      });
      body.onClose(stop);
      const until = Number(query.get('until') ?? 0) * 1000;
      if (until > 0)
        void pass(store.timeline, Math.max(0, until - store.timeline.now())).then(() => {
          stop();
          body.end();
        });
    },
  };
}
