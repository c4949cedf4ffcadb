import type { OperationEvent } from '../../src/core/domain/operation-event.ts';

/** The steps of an operation in the order in which they were begun, or found to be done already. */
export function stepsTaken(events: readonly OperationEvent[]): readonly string[] {
  const open = new Set<string>();
  return events.flatMap((event) => {
    if (event.kind === 'step-started') open.add(event.step);
    else if (event.kind !== 'step-finished' || open.delete(event.step)) return [];
    return [event.step];
  });
}
