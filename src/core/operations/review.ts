import type { Change } from '../domain/change.ts';
import type { EnvironmentName } from '../domain/environment.ts';
import type { ExperimentName } from '../domain/experiment-name.ts';
import { compareFingerprints, type ReleaseFit } from '../domain/fit.ts';
import { defaultHost, type HostName, parseHostName } from '../domain/host-name.ts';
import { formatImageReference, parseImageReference, pinned } from '../domain/image-reference.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { urlOf } from '../domain/platform.ts';
import type { WantedState } from '../domain/release.ts';
import type { Secret } from '../domain/secret.ts';
import { defaultSettings, type Settings } from '../domain/settings.ts';
import { asTyped, type StackName, stackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { holderOf, isStale, type LockHolder } from '../records/lock.ts';
import type { ReleaseRecord } from '../records/release-record.ts';
import type { ImagePlatform, RegistryGateway } from '../registry/gateway.ts';
import { samePlatform } from '../registry/platform.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import {
  baseRelease,
  databaseNodeId,
  isRetired,
  isStopped,
  type ObservedStack,
  observeStack,
  servingRelease,
} from '../swarm/observe-stack.ts';
import { planStack } from '../swarm/plan-stack.ts';
import type { HeldData } from './held-data.ts';
import { refuseForeign, refuseTakenHost } from './refuse-taken.ts';

/** What would be done and why, as data, before anything is done. Reviewing writes nothing. */
export interface Review {
  readonly stack: StackName;
  readonly verb: string;
  readonly plan: readonly Change[];
  readonly work: OperationRequest['work'];
  /** Where the study answers afterwards. */
  readonly url: string;
  /** Values to be stored when it is started; in memory until then. */
  readonly newSecrets: readonly NewSecret[];
  /** What serves now; undefined before the first deployment and while the study is stopped. */
  readonly serving: number | undefined;
  readonly before: OperationRequest['before'];
  /** Whether a new image fits the data, as far as earlier trials of it tell; undefined where none comes. */
  readonly fit: ReleaseFit | 'not-checked' | undefined;
  /** What the data holds that this is about; undefined where it is about none, or nobody can say. */
  readonly held: HeldData | undefined;
  /** `typed-name`: people would lose data or a study; only its name, typed, is a yes. */
  readonly wants: 'nothing' | 'typed-name';
  /** An operation that an earlier process left unfinished: it comes first (`resumeOperation`). */
  readonly interrupted: LockHolder | undefined;
  /** An operation that somebody runs at this moment. */
  readonly running: LockHolder | undefined;
}

export interface NewSecret {
  readonly slot: string;
  readonly value: Secret;
}

export interface Subject {
  readonly experiment: ExperimentName;
  readonly environment: EnvironmentName;
}

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
    verb: string;
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

export async function reviewStart(subject: Subject, needs: Pick<Needs, 'swarm'>): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const because = 'it is stopped';
  return reviewWeb('start', observed, isStopped(observed) ? [webChange(observed, 'start', because, false)] : [], needs);
}

export async function reviewStop(subject: Subject, needs: Pick<Needs, 'swarm'>): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const because = 'you asked to take it off the net; its database stays up';
  return reviewWeb('stop', observed, isStopped(observed) ? [] : [webChange(observed, 'stop', because, true)], needs);
}

export async function reviewRestart(subject: Subject, needs: Pick<Needs, 'swarm'>): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  if (isStopped(observed))
    throw new ExpectedError('experiment-stopped', `restarting ${observed.stack}`, {
      why: 'It is stopped.',
      now: 'Nothing was changed.',
      hint: `Start it with \`oforest start ${asTyped(observed.stack)}\`.`,
    });
  return reviewWeb('restart', observed, [webChange(observed, 'restart', 'you asked for a fresh task', true)], needs);
}

function reviewWeb(
  verb: 'start' | 'stop' | 'restart',
  observed: ObservedStack,
  plan: readonly Change[],
  needs: Pick<Needs, 'swarm'>,
): Promise<Review> {
  return completeReview(observed, { verb, plan, work: { kind: verb } }, needs);
}

/** What every review says of the stack beside its own plan. */
export async function completeReview(
  observed: ObservedStack,
  review: Pick<Review, 'verb' | 'plan' | 'work'> &
    Partial<Pick<Review, 'newSecrets' | 'wants' | 'fit' | 'held'>> & { host?: string },
  { swarm }: Pick<Needs, 'swarm'>,
): Promise<Review> {
  const {
    newSecrets = [],
    wants = 'nothing',
    fit,
    held,
    host = servingRelease(observed)?.state.host ?? '',
    ...rest
  } = review;
  const release = servingRelease(observed);
  const stopped = isStopped(observed);
  // Not a first release that failed and was stopped: there is nothing to go back to.
  const earlier = release?.outcome === 'proven' || !stopped ? release?.number : undefined;
  return {
    ...rest,
    stack: observed.stack,
    newSecrets,
    wants,
    fit,
    held,
    url: urlOf(host, observed.platform),
    serving: serving(observed),
    before: { ...(earlier !== undefined && { release: earlier }), stopped },
    ...(await othersAtWork(observed, { swarm })),
  };
}

/** Who holds the lock, with a sign of life in the last minute or without. */
async function othersAtWork(
  { lock }: ObservedStack,
  { swarm }: Pick<Needs, 'swarm'>,
): Promise<Pick<Review, 'interrupted' | 'running'>> {
  const holder = lock && holderOf(lock);
  if (!lock || !holder) return { interrupted: undefined, running: undefined };
  return (await isStale(lock, { swarm }))
    ? { interrupted: holder, running: undefined }
    : { interrupted: undefined, running: holder };
}

function webChange({ web }: ObservedStack, action: Change['action'], because: string, interrupts: boolean): Change {
  return { action, subject: 'web', name: web?.Spec.Name ?? '', because, interrupts };
}

async function reviewRelease(
  verb: string,
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

async function observe({ experiment, environment }: Subject, { swarm }: Pick<Needs, 'swarm'>): Promise<ObservedStack> {
  const observed = await observeStack(stackName(experiment, environment), { swarm });
  if (isRetired(observed)) throw studyRetired(observed);
  return observed;
}

/** The study, deployed and not deleted. Throws `experiment-not-found`, `study-retired`. */
export async function observeDeployed(subject: Subject, needs: Pick<Needs, 'swarm'>): Promise<ObservedStack> {
  const observed = await observe(subject, needs);
  if (!observed.web) throw notDeployed(observed.stack);
  return observed;
}

export function studyRetired({ stack, web }: ObservedStack): ExpectedError {
  const until = web?.Spec.Labels[label.until] ?? '';
  return new ExpectedError('study-retired', `looking at ${stack}`, {
    why: 'It was deleted.',
    now: `Its data, passwords and address are kept until ${until.slice(0, 10)}.`,
    hint: `Bring it back with \`oforest undelete ${asTyped(stack)}\`, or remove it for good with \`oforest purge ${asTyped(stack)}\`.`,
    details: { until },
  });
}

export function notDeployed(stack: string): ExpectedError {
  return new ExpectedError('experiment-not-found', `looking for ${stack}`, {
    why: 'There is no study of that name on this server.',
    hint: 'Run `oforest list` to see the names there are.',
  });
}

function serving(observed: ObservedStack): number | undefined {
  return isStopped(observed) ? undefined : servingRelease(observed)?.number;
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
