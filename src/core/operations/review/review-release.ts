import { compareFingerprints } from '../../domain/fit.ts';
import { defaultHost, type HostName, parseHostName } from '../../domain/host-name.ts';
import { formatImageReference, parseImageReference, pinned } from '../../domain/image-reference.ts';
import type { WantedState } from '../../domain/release.ts';
import { defaultSettings, type Settings } from '../../domain/settings.ts';
import { asTyped, stackName } from '../../domain/stack-name.ts';
import type { Verb } from '../../domain/verb.ts';
import { ExpectedError } from '../../errors.ts';
import type { ReleaseRecord } from '../../records/release-record.ts';
import type { ImagePlatform, RegistryGateway } from '../../registry/gateway.ts';
import { samePlatform } from '../../registry/platform.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import { baseRelease, databaseNodeId, type ObservedStack, servingRelease } from '../../swarm/observe-stack.ts';
import { planStack } from '../../swarm/plan-stack.ts';
import { notDeployed } from './absent-study.ts';
import { refuseForeign, refuseTakenHost } from './refuse-taken.ts';
import {
  completeReview,
  type NewSecret,
  observe,
  observeDeployed,
  type Review,
  type Subject,
  serving,
} from './review.ts';

type Needs = { swarm: SwarmGateway; registry: RegistryGateway; signal: AbortSignal };

/** A new release with this image; settings not given stay as in the newest release. */
export async function reviewDeploy(
  subject: Subject & {
    image: string;
    settings?: Partial<Settings>;
    address?: HostName;
    /** Columns that the data lacks are added, after a backup. */
    addColumns?: boolean;
  },
  needs: Needs,
): Promise<Review> {
  const { image, settings = {} } = subject;
  const reference = parseImageReference(image);
  const observed = await observe(subject, needs);
  const [resolved] = await Promise.all([
    needs.registry.resolve(reference, { signal: needs.signal }),
    observed.web ? undefined : refuseForeign(observed.stack, needs),
  ]);
  checkPlatform(resolved.platforms, observed, image);
  const base = baseRelease(observed)?.state;
  const found = formatImageReference(pinned(reference, resolved.reference.digest ?? ''));
  const state: WantedState = {
    ...stateFrom(base, observed, subject),
    ...settingsOf(settings),
    ...(subject.address && { host: subject.address }),
    imageGiven: image,
    // The same image under another tag is the same image, and no reason to restart a study.
    image: base && withoutTag(base.image) === withoutTag(found) ? base.image : found,
  };
  return await reviewRelease('deploy', { observed, state, addColumns: subject.addColumns }, needs);
}

/** A new release with the state of an earlier, proven one. Needs neither the registry nor GitLab. */
export async function reviewRollback(subject: Subject & { to?: number }, needs: Pick<Needs, 'swarm'>): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const target = releaseToRollBackTo(observed, subject.to);
  // The address belongs to the study, not to a release: links that were given out stay good.
  const host = servingRelease(observed)?.state.host ?? target.state.host;
  return await reviewRelease('rollback', { observed, state: { ...target.state, host }, source: target.number }, needs);
}

/** The newest release with these changes on top: variables, secrets, address, passwords. */
export async function reviewChange(
  subject: Subject & {
    verb: Verb;
    change: (state: WantedState) => WantedState;
    newSecrets?: readonly NewSecret[];
  },
  needs: Pick<Needs, 'swarm'>,
): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const base = baseRelease(observed) ?? servingRelease(observed);
  if (!base) throw notDeployed(observed.stack);
  return await reviewRelease(
    subject.verb,
    { observed, state: subject.change(base.state), newSecrets: subject.newSecrets },
    needs,
  );
}

/** A custom address, or the default one again. */
export async function reviewAddress(
  subject: Subject & { host: HostName | undefined },
  needs: Pick<Needs, 'swarm'>,
): Promise<Review> {
  const { platform } = await observe(subject, needs);
  const host =
    subject.host ?? defaultHost(stackName(subject.experiment, subject.environment), parseHostName(platform.domain));
  return await reviewChange({ ...subject, verb: 'address', change: (state) => ({ ...state, host }) }, needs);
}

async function reviewRelease(
  verb: Verb,
  {
    observed,
    state,
    source,
    newSecrets = [],
    addColumns = false,
  }: {
    observed: ObservedStack;
    state: WantedState;
    source?: number;
    newSecrets?: readonly NewSecret[];
    addColumns?: boolean | undefined;
  },
  { swarm }: Pick<Needs, 'swarm'>,
): Promise<Review> {
  if (observed.web?.Spec.Labels[label.host] !== state.host) await refuseTakenHost(state.host, observed, { swarm });
  const renewed = Object.fromEntries(newSecrets.map(({ slot }) => [slot, { id: 'new', name: 'new' }]));
  const secrets = { ...observed.secrets, ...renewed };
  refuseMissingSecrets(state, secrets, observed.stack);
  const plan = planStack(state, { ...observed, secrets });
  const work = { kind: 'run-release' as const, state, source, newSecrets: [], addColumns };
  return await completeReview(
    observed,
    { verb, plan, work, newSecrets, host: state.host, fit: knownFit(state, observed) },
    { swarm },
  );
}

/** What the trials of earlier releases with this image saw, beside what serves. */
function knownFit(state: WantedState, observed: ObservedStack): Review['fit'] {
  const current = servingRelease(observed);
  if (!current || current.state.image === state.image) return undefined;
  const tried = observed.releases.find((release) => release.state.image === state.image && release.fit);
  return compareFingerprints(tried?.fit, current.fit) ?? 'not-checked';
}

function refuseMissingSecrets(state: WantedState, secrets: ObservedStack['secrets'], stack: string): void {
  const [missing] = state.secrets.filter((name) => secrets[name] === undefined);
  if (missing === undefined) return;
  throw new ExpectedError('variable-not-found', `reviewing the secrets of ${stack}`, {
    why: `The release names the secret ${missing}, which is not stored.`,
    now: 'Nothing was changed.',
    hint: `Store it first: \`oforest secret set ${asTyped(stack)} ${missing}\`.`,
  });
}

function stateFrom(
  base: WantedState | undefined,
  observed: ObservedStack,
  { experiment, environment }: Subject,
): WantedState {
  if (base) return base;
  const { stack, platform } = observed;
  return {
    experiment,
    environment,
    imageGiven: '',
    image: '',
    host: platform.addresses.length > 0 ? '' : defaultHost(stack, parseHostName(platform.domain)),
    ...(settingsOf(defaultSettings) as ReturnType<typeof settingsOf> &
      Pick<WantedState, 'port' | 'healthcheckPath' | 'memory'>),
    variables: defaultSettings.variables,
    secrets: [...defaultSettings.secrets],
  };
}

/** Only what is given, under the names of the wanted state. */
function settingsOf({ secrets, ...settings }: Partial<Settings>): Partial<WantedState> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(secrets && { secrets: [...secrets] }) };
}

function withoutTag(image: string): string {
  return formatImageReference({ ...parseImageReference(image), tag: undefined });
}

function checkPlatform(platforms: readonly ImagePlatform[], observed: ObservedStack, image: string): void {
  const nodeId = databaseNodeId(observed);
  const nodes = nodeId ? observed.nodes.filter(({ ID }) => ID === nodeId) : observed.nodes;
  const fits = nodes.some(({ Description: { Platform } }) =>
    platforms.some((platform) => samePlatform(platform, { os: Platform.OS, architecture: Platform.Architecture })),
  );
  if (fits || platforms.length === 0) return;
  const built = platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(', ');
  const needed = [
    ...new Set(nodes.map(({ Description: { Platform } }) => `${Platform.OS}/${Platform.Architecture}`)),
  ].join(', ');
  const running = serving(observed);
  throw new ExpectedError('image-platform-wrong', `choosing ${image} for ${observed.stack}`, {
    why: `The image is built for ${built}; the server is ${needed}.`,
    now: running ? `v${running} serves, untouched.` : 'Nothing was changed.',
    hint: 'Build it for the server: docker build --platform linux/amd64 …',
    details: { serves: running ? `v${running}` : 'nothing' },
  });
}

function releaseToRollBackTo(observed: ObservedStack, number: number | undefined): ReleaseRecord {
  const { releases, stack } = observed;
  const current = servingRelease(observed);
  const proven = releases.filter(({ outcome }) => outcome === 'proven');
  const target =
    number === undefined
      ? (proven.find(
          (release) =>
            current !== undefined && release.number < current.number && release.state.image !== current.state.image,
        ) ?? proven.find((release) => current !== undefined && release.number < current.number))
      : releases.find((release) => release.number === number);
  if (target?.outcome === 'proven') return target;
  const what = `rolling ${stack} back${number === undefined ? '' : ` to v${number}`}`;
  throw new ExpectedError('release-not-found', what, {
    why: target
      ? `v${target.number} never served: it ${target.outcome === 'failed' ? 'failed' : `is ${target.outcome}`}.`
      : number === undefined
        ? 'There is no earlier release.'
        : `There is no v${number} (any more).`,
    now: current ? `v${current.number} serves, untouched.` : 'Nothing was changed.',
    hint: `Run \`oforest releases ${asTyped(stack)}\` and choose one that was proven.`,
  });
}
