import { gunzipSync, gzipSync } from 'node:zlib';
import { describeActor } from '../domain/actor.ts';
import { Release, type ReleaseState, releaseStates } from '../domain/release.ts';
import { namesOf, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { oncePerConfig } from './once-per-config.ts';
import { checkFormat, isRecord, recordLabels, relabelRecord } from './record.ts';

/** A release with what has become of it since it was written. */
export interface ReleaseRecord extends Release {
  readonly outcome: ReleaseState;
  /** The oTree version its trial saw. */
  readonly otree: string | undefined;
  /** The fingerprint of its tables and pages, as its trial saw them. */
  readonly fit: string | undefined;
  readonly operation: string | undefined;
  readonly config: ConfigObject;
}

/** Newest first, out of the configs of one stack. */
export function releasesIn(configs: readonly ConfigObject[]): readonly ReleaseRecord[] {
  return configs
    .filter((config) => isRecord(config, 'release'))
    .map(readRelease)
    .sort((a, b) => b.number - a.number);
}

const readRelease = oncePerConfig((config): ReleaseRecord => {
  checkFormat(config);
  const labels = config.Spec.Labels;
  return {
    ...Release.parse(JSON.parse(gunzipSync(config.Spec.Data).toString('utf8'))),
    outcome: releaseStates.find((state) => state === labels[label.state]) ?? 'applying',
    otree: labels[label.otree],
    fit: labels[label.fit],
    operation: labels[label.operation],
    config,
  };
});

export type ReleaseDraft = Omit<Release, 'number' | 'format'>;

/** Writes the release under the next free number (failed numbers are not reused); its name decides who gets which. */
export async function createRelease(
  {
    stack,
    operation,
    draft,
    outcome = 'applying',
  }: { stack: StackName; operation: string; draft: ReleaseDraft; outcome?: ReleaseState },
  { swarm }: { swarm: SwarmGateway },
): Promise<ReleaseRecord> {
  for (let tries = 0; tries < 20; tries += 1) {
    const releases = releasesIn(await swarm.listConfigs({ label: label.stack, value: stack }));
    const number = (releases[0]?.number ?? 0) + 1;
    const release: Release = { format: 1, number, ...draft };
    const name = namesOf(stack).releaseRecord(number);
    const labels = recordLabels('release', stack, {
      [label.number]: String(number),
      [label.state]: outcome,
      [label.digest]: draft.state.image.split('@')[1] ?? '',
      [label.author]: describeActor(draft.author),
      [label.time]: draft.createdAt,
      [label.operation]: operation,
      ...(draft.source !== undefined && { [label.source]: String(draft.source) }),
    });
    await swarm.createConfig(name, labels, gzipSync(JSON.stringify(release)));
    const written = await swarm.findConfig(name);
    if (written && written.Spec.Labels[label.operation] === operation) return readRelease(written);
  }
  throw new ExpectedError('version-conflict', `writing a release of ${stack}`, {
    why: 'Others keep taking the next number.',
    hint: 'Wait until they are done, then try again.',
  });
}

/** Adds what has become of a release; compare-and-set, repeated until it holds. */
export async function noteRelease(
  { name, labels }: { name: string; labels: Record<string, string> },
  { swarm }: { swarm: SwarmGateway },
): Promise<void> {
  await relabelRecord(name, ({ Spec }) => ({ ...Spec.Labels, ...labels }), { swarm });
}
