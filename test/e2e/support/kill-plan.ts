import type { StepId } from '../../../src/core/domain/operation-event.ts';
import type { ImageName } from '../bed/bed.ts';
import type { Lab } from './lab.ts';

export const killedVerbs = ['deploy', 'reset', 'undo', 'restore', 'delete', 'undelete', 'backup'] as const;
export type KilledVerb = (typeof killedVerbs)[number];
export type Victim = 'runner' | 'Postgres' | 'keeper' | 'dockerd';

export interface Kill {
  readonly victim: Victim;
  readonly verb: KilledVerb;
  /** It dies when this step has begun. */
  readonly at: StepId;
}

/** Those of one victim and one verb, at these steps. */
const kills = (victim: Victim, verb: KilledVerb, ...steps: readonly StepId[]): Kill[] =>
  steps.map((at) => ({ victim, verb, at }));

/**
 * Each kind of process but dockerd, and one reset after the swap. One kill of a keeper or of dockerd hits all of its
 * round; whatever else stands on the bed lives through dockerd's as well, so that one is for the long run.
 */
export const fewKills: readonly (readonly Kill[])[] = [
  [
    ...kills('runner', 'deploy', 'settle'),
    ...kills('runner', 'reset', 'update-web'),
    ...kills('runner', 'restore', 'fill-database'),
    ...kills('Postgres', 'reset', 'swap-databases'),
    ...kills('keeper', 'delete', 'verify-backup'),
  ],
];

export const manyKills: readonly (readonly Kill[])[] = [
  [
    ...kills('runner', 'deploy', 'try-image', 'update-web', 'settle'),
    ...kills('runner', 'reset', 'dump', 'swap-databases', 'update-web'),
    ...kills('Postgres', 'reset', 'dump', 'swap-databases'),
    ...kills('keeper', 'delete', 'verify-backup'),
    ...kills('keeper', 'reset', 'create-database'),
  ],
  [
    ...kills('runner', 'undo', 'swap-databases', 'update-web'),
    ...kills('runner', 'restore', 'fill-database', 'swap-databases'),
    ...kills('runner', 'backup', 'verify-backup'),
    ...kills('Postgres', 'deploy', 'try-image'),
    ...kills('Postgres', 'restore', 'fill-database'),
    ...kills('Postgres', 'undo', 'update-web'),
    ...kills('keeper', 'deploy', 'update-web'),
  ],
  [
    ...kills('runner', 'delete', 'dump', 'stop-database'),
    ...kills('runner', 'undelete', 'start-database', 'prove'),
    ...kills('Postgres', 'backup', 'dump'),
    ...kills('Postgres', 'undelete', 'update-web'),
    ...kills('keeper', 'backup', 'verify-backup'),
    ...kills('keeper', 'undelete', 'settle'),
  ],
  [
    ...kills('dockerd', 'reset', 'swap-databases'),
    ...kills('dockerd', 'backup', 'dump'),
    ...kills('dockerd', 'deploy', 'settle'),
  ],
];

export const nameOf = ({ victim, verb, at }: Kill) => `${victim} killed at ${at} of ${verb}`;

/** What is typed for it, and typed again after the kill. `newest`: the id of the newest backup. */
export function wordsFor(
  verb: KilledVerb,
  stack: string,
  { image, newest }: { image: string; newest: string },
): readonly string[] {
  const interrupting = ['--interrupt', 'a test'];
  switch (verb) {
    case 'deploy':
      return [verb, stack, '--image', image, ...interrupting];
    case 'reset':
    case 'delete':
      return [verb, stack, '--confirm', stack, ...interrupting];
    case 'undo':
      return [verb, stack, ...interrupting];
    case 'restore':
      return [verb, stack, '--backup', newest, ...interrupting];
    default:
      return [verb, stack];
  }
}

/** Another image than the one that serves. */
export async function otherImage(lab: Lab, stack: string): Promise<string> {
  const format = '{{.Spec.TaskTemplate.ContainerSpec.Image}}';
  const serving = await lab.docker(['service', 'inspect', `${stack}_web`, '--format', format]);
  const other: ImageName = serving.includes('study:v1') ? 'study:v2' : 'study:v1';
  return lab.bed.images[other];
}
