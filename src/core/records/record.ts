import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import type { ConfigObject, Labels } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label, recordFormat } from '../swarm/labels.ts';

/**
 * Records are Swarm configs: unique by name, created by exactly one winner, changed only in their labels and only by
 * compare-and-set. They carry no stack namespace, so that `docker stack rm` leaves them. Anyone with Docker rights can
 * read them: no secrets, no participant data.
 */
export type RecordKind = 'platform' | 'release' | 'operation' | 'lock' | 'booking' | 'keeper';

export function recordLabels(kind: RecordKind, stack: string | undefined, more: Labels): Labels {
  return {
    [label.kind]: kind,
    [label.format]: String(recordFormat),
    ...(stack !== undefined && { [label.stack]: stack }),
    ...more,
  };
}

export function isRecord(config: ConfigObject, kind: RecordKind): boolean {
  return config.Spec.Labels[label.kind] === kind;
}

/**
 * Changes a record by compare-and-set: as often as others write in between, it looks again. `labelsFrom` says what the
 * labels of the record, as it is now, are to become; undefined where nothing is to be changed. True once it is written.
 */
export async function relabelRecord(
  name: string,
  labelsFrom: (config: ConfigObject) => Labels | undefined,
  { swarm }: { swarm: SwarmGateway },
): Promise<boolean> {
  for (let tries = 0; tries < 10; tries += 1) {
    const config = await swarm.findConfig(name);
    const labels = config && labelsFrom(config);
    if (!config || !labels) return false;
    if (await swarm.relabelConfig(config, labels)) return true;
  }
  return false;
}

/** How often the record has changed its holder; 0 where it says nothing of that. */
export function epochOf({ Spec }: ConfigObject): number {
  return z.coerce.number().int().catch(0).parse(Spec.Labels[label.epoch]);
}

/** The labels of a holder who shows once more that he lives. */
export function beaten(labels: Labels): Labels {
  return { ...labels, [label.heartbeat]: String(Number(labels[label.heartbeat] ?? 0) + 1) };
}

/** Throws `format-too-new` when a newer oForest wrote the record: we could misread it. */
export function checkFormat(config: ConfigObject): void {
  const format = Number(config.Spec.Labels[label.format] ?? recordFormat);
  if (format <= recordFormat) return;
  throw new ExpectedError('format-too-new', `reading the record ${config.Spec.Name}`, {
    why: `A newer oForest wrote it (format ${format}; this one knows ${recordFormat}).`,
    now: 'Nothing was changed.',
    hint: 'Update oForest on this computer, then try again.',
    details: { format },
  });
}
