import * as z from 'zod';

/** Something was created, updated or removed on the Swarm. A hint to look: what it is now has to be asked for. */
export interface SwarmChange {
  readonly kind: 'service' | 'config' | 'node';
  readonly action: 'create' | 'update' | 'remove';
  /** Of the object; a node has none. */
  readonly name: string;
}

/** What to ask dockerd for. It tells nothing of tasks, whatever is asked. */
export const changeFilters = JSON.stringify({ scope: ['swarm'], type: ['service', 'config', 'node'] });

const Event = z.object({
  Type: z.enum(['service', 'config', 'node']),
  Action: z.enum(['create', 'update', 'remove']),
  Actor: z.object({ Attributes: z.object({ name: z.string().default('') }).default({ name: '' }) }),
});

/** The events of dockerd, one JSON object a line, wherever the transport cuts them. Those that we do not know are left out. */
export async function* readChanges(source: AsyncIterable<Buffer>): AsyncGenerator<SwarmChange, void, void> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of source) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = Event.safeParse(line.trim() === '' ? undefined : JSON.parse(line));
      if (!event.success) continue;
      const { Type, Action, Actor } = event.data;
      yield { kind: Type, action: Action, name: Actor.Attributes.name };
    }
  }
}
