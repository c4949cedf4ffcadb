import { urlOf } from '../domain/platform.ts';
import { type ListedState, listedStateOf } from '../domain/study-state.ts';
import { loadPlatform } from '../records/platform-record.ts';
import type { Service } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { dockerLabel, label } from '../swarm/labels.ts';
import { isRetired, isStopped } from '../swarm/observe-stack.ts';

/** One line of `oforest list`. */
export interface ExperimentSummary {
  readonly experiment: string;
  readonly environment: string;
  readonly stack: string;
  readonly state: ListedState;
  readonly release: number;
  readonly url: string;
  readonly image: string;
  readonly owner: string;
  /** RFC 3339: when its service was last written. */
  readonly changedAt: string;
}

export interface StudyList {
  /** By name. */
  readonly experiments: readonly ExperimentSummary[];
  /** The services that say so, for whoever goes on with them. */
  readonly webs: readonly Service[];
}

/** All studies of the server. Two calls, however many there are: services carry all of it as labels. */
export async function listStudies({ swarm }: { swarm: SwarmGateway }): Promise<StudyList> {
  const [platform, webs] = await Promise.all([
    loadPlatform(swarm),
    swarm.listServices({ label: label.part, value: 'web' }),
  ]);
  // Names are ASCII; before it compares for a locale, Node loads what it knows of languages.
  const experiments = webs
    .map((web) => summarise(web, (host) => urlOf(host, platform)))
    .sort((a, b) => (a.stack < b.stack ? -1 : 1));
  return { experiments, webs };
}

function summarise(web: Service, url: (host: string) => string): ExperimentSummary {
  const { Spec, UpdateStatus, UpdatedAt } = web;
  const { Labels } = Spec;
  return {
    experiment: Labels[label.experiment] ?? '',
    environment: Labels[label.environment] ?? '',
    stack: Labels[label.stack] ?? '',
    state: listedStateOf({
      deleted: isRetired({ web }),
      stopped: isStopped({ web }),
      update: UpdateStatus?.State ?? '',
    }),
    release: Number(Labels[label.release] ?? 0),
    url: url(Labels[label.host] ?? ''),
    image: Labels[dockerLabel.image] ?? '',
    owner: Labels[label.owner] ?? '',
    changedAt: UpdatedAt,
  };
}
