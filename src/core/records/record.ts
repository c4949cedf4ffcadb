import { ExpectedError } from '../errors.ts';
import type { ConfigObject, Labels } from '../swarm/engine-types.ts';
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
