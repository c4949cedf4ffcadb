import type { Node } from './objects.ts';
import { findOne, type Store } from './store.ts';

export function findNode(store: Store, text: string): Node {
  return findOne(store.nodes.values(), text, {
    idOf: ({ ID }) => ID,
    nameOf: ({ Description }) => Description.Hostname,
    notFound: `node ${text} not found`,
    kind: 'node',
  });
}
