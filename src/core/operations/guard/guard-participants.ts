import type { Clock } from '../../clock.ts';
import { databaseOverExec } from '../../database/over-exec.ts';
import { OpenPages, type ParticipantCounts, RoomPresence } from '../../database/participants.ts';
import { openPagesScript, roomPresenceScript } from '../../database/scripts/participants-script.ts';
import {
  type Disturbance,
  decideGuard,
  defaultIdleMinutes,
  describeGuard,
  type GuardCounts,
  type GuardDecision,
  type GuardFacts,
  isForOpenPagesAlone,
  type Unread,
} from '../../domain/guard.ts';
import type { GuardPolicy, RecordedRequest } from '../../domain/operation-request.ts';
import { defaultSettings } from '../../domain/settings.ts';
import { asTyped, type StackName } from '../../domain/stack-name.ts';
import type { RecordedVerb } from '../../domain/verb.ts';
import { ExpectedError } from '../../errors.ts';
import type { Task } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { inWebContainer, parseResult } from '../../swarm/in-container.ts';
import { label } from '../../swarm/labels.ts';
import { isStopped, type ObservedStack, observeStack, runningTask, servingRelease } from '../../swarm/observe-stack.ts';

/** What of a stack the guard looks at. */
export type GuardedStack = Pick<ObservedStack, 'stack' | 'web' | 'db' | 'tasks'>;
/** With what its release says of how to look. */
type WithRelease = GuardedStack & Pick<ObservedStack, 'releases'>;

interface Needs {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What is done, which decides, and what people call it, for the words. */
type Guarding = Pick<RecordedRequest, 'verb' | 'work'>;

export interface Guarded {
  readonly counts: GuardCounts;
  readonly sentence: string;
  /** The reason for which people are disturbed; undefined when nobody is. */
  readonly interrupted?: string;
}

/**
 * Traefik keeps no idle connection to oTree (decision 13), so one that is there carries a request or holds a page open. What
 * is still there after 6 s is no request: it would be longer than any page of oTree takes.
 */
export const secondLookMs = 6_000;
const settledMs = 60_000;
const failuresWithinMs = 600_000;

/** How long an exception counts: it was made for those who were there when it was asked for. */
export const exceptionMinutes = 10;

/**
 * Looks for people in a session right before they would be disturbed. Throws `participants-present`,
 * `open-pages-present` or `participants-unreadable`, unless an interruption was asked for. `isLapsed`: an exception was, and
 * counts no more.
 */
export async function guardParticipants(
  stack: StackName,
  { verb, work, interrupt, ignoreOpenPages, isLapsed = false }: GuardPolicy & Guarding & { isLapsed?: boolean },
  needs: Needs,
): Promise<Guarded> {
  const observed = await observeStack(stack, needs);
  const decision = await lookForPeople(observed, { disturbance: disturbanceOf(work.kind), ignoreOpenPages }, needs);
  const sentence = describeGuard(decision);
  const { counts, verdict } = decision;
  if (verdict === 'clear') return { counts, sentence };
  if (interrupt !== undefined) return { counts, sentence, interrupted: interrupt };
  throw refusal(decision, { stack, verb, isLapsed });
}

/**
 * Refuses at once where the database alone shows people: before an operation is even accepted. What one look cannot tell
 * is left to `guardParticipants`, right before they would be disturbed. Throws `participants-present`.
 */
export async function refusePeopleAtAGlance(
  stack: StackName,
  { verb, work }: Guarding,
  needs: Pick<Needs, 'swarm' | 'clock'>,
): Promise<void> {
  const observed = await observeStack(stack, needs);
  const idleMinutes = idleMinutesOf(observed);
  const decision = await glanceAtPeople(observed, needs, { idleMinutes, disturbance: disturbanceOf(work.kind) });
  if (decision.verdict === 'refused') throw refusal(decision, { stack, verb });
}

/** The decision for a stack, after one or two looks; see `secondLookMs`. */
export async function lookForPeople(
  observed: WithRelease,
  policy: { disturbance: Disturbance; ignoreOpenPages: boolean },
  needs: Needs,
): Promise<GuardDecision> {
  const first = await look(observed, needs);
  const decision = decideGuard(first.facts, policy);
  if (decision.verdict === 'unreadable' || first.connections.length === 0) return decision;
  if (decision.verdict === 'refused' && !isForOpenPagesAlone(decision)) return decision;

  const withRoom = { ...first.facts, inRoom: await peopleInRooms(observed, needs) };
  const inFull = decideGuard(withRoom, policy);
  if (!isForOpenPagesAlone(inFull)) return inFull;

  await needs.clock.sleep(secondLookMs, needs.signal);
  const second = await look(observed, needs);
  const stayed = second.connections.filter((connection) => first.connections.includes(connection));
  const openPages = isUnread(second.facts.openPages) ? second.facts.openPages : stayed.length;
  const inRoom = stayed.length > 0 ? await peopleInRooms(observed, needs) : 0;
  return decideGuard({ ...second.facts, openPages, inRoom }, policy);
}

/**
 * For a list or a card: one script in the database alone, because each costs dockerd far more than its work. So neither
 * rooms nor silent open pages are in it. Nothing may be decided by it.
 */
export async function glanceAtPeople(
  observed: GuardedStack,
  { swarm, clock }: Pick<Needs, 'swarm' | 'clock'>,
  {
    idleMinutes = defaultIdleMinutes,
    disturbance = 'interrupt',
  }: { idleMinutes?: number | undefined; disturbance?: Disturbance } = {},
): Promise<GuardDecision> {
  const people = await orUnread(readPeople(observed, idleMinutes, { swarm }));
  const facts = { ...stateOf(observed, people, clock), people, openPages: 0, inRoom: 0 };
  return decideGuard(facts, { disturbance, ignoreOpenPages: true });
}

interface Look {
  readonly facts: GuardFacts;
  readonly connections: readonly string[];
}

/** One script in each container, both at once. */
async function look(observed: WithRelease, { swarm, clock }: Pick<Needs, 'swarm' | 'clock'>): Promise<Look> {
  const isWebUp = runningTask(observed.tasks, observed.web?.ID) !== undefined;
  const [people, connections] = await Promise.all([
    orUnread(readPeople(observed, idleMinutesOf(observed), { swarm })),
    isWebUp ? orUnread(connectionsToWeb(observed, { swarm })) : [],
  ]);
  const areUnread = isUnread(connections);
  return {
    connections: areUnread ? [] : connections,
    facts: {
      ...stateOf(observed, people, clock),
      people,
      openPages: areUnread ? connections : connections.length,
      inRoom: undefined,
    },
  };
}

function readPeople(observed: GuardedStack, idleMinutes = defaultIdleMinutes, { swarm }: Pick<Needs, 'swarm'>) {
  return databaseOverExec(observed, { swarm }).readParticipants({ idleSeconds: idleMinutes * 60 });
}

/** After how long of silence somebody counts as gone; undefined where the study leaves that to us. */
export function idleMinutesOf(observed: Pick<ObservedStack, 'web' | 'releases'>): number | undefined {
  return servingRelease(observed)?.state.guardIdleMinutes;
}

async function connectionsToWeb(observed: WithRelease, { swarm }: Pick<Needs, 'swarm'>): Promise<readonly string[]> {
  const { port } = servingRelease(observed)?.state ?? defaultSettings;
  const what = `looking for open pages of ${observed.stack}`;
  return parseResult(OpenPages, await inWebContainer(openPagesScript(port), what, observed, { swarm })).connections;
}

/** Undefined when oTree does not say: those who wait then stay among the open pages, which refuse as well. */
async function peopleInRooms(observed: GuardedStack, { swarm }: Pick<Needs, 'swarm'>): Promise<number | undefined> {
  const what = `asking ${observed.stack} who waits in its rooms`;
  try {
    const output = await inWebContainer(roomPresenceScript(), what, observed, { swarm });
    return parseResult(RoomPresence, output).waiting;
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

/** By the server's own clock where it can be read. */
function stateOf(
  observed: GuardedStack,
  people: ParticipantCounts | Unread,
  clock: Clock,
): Pick<GuardFacts, 'web' | 'database'> {
  const nowMs = isUnread(people) ? clock.now().getTime() : people.now * 1000;
  return { web: webState(observed, nowMs), database: databaseState(observed) };
}

function databaseState({ db, tasks }: GuardedStack): GuardFacts['database'] {
  if (!db) return 'absent';
  return runningTask(tasks, db.ID) ? 'running' : 'down';
}

/**
 * A web that has crashed twice in ten minutes and did not run for a minute since is failing, even if it happens to be
 * up at this moment; so is one that has been down for a minute. One crash alone is not: Swarm starts it again, and the
 * people come back.
 */
export function webState({ web, tasks }: Pick<ObservedStack, 'web' | 'tasks'>, nowMs: number): GuardFacts['web'] {
  if (!web) return 'absent';
  if (isStopped({ web })) return 'stopped';
  const age = (task: Task) => nowMs - Date.parse(task.Status.Timestamp);
  const running = runningTask(tasks, web.ID);
  if (running && age(running) >= settledMs) return 'running';

  const wanted = web.Spec.TaskTemplate.ContainerSpec?.Labels?.[label.task];
  const ended = tasks.filter(({ ServiceID, DesiredState }) => ServiceID === web.ID && DesiredState !== 'running');
  const failures = ended.filter(
    (task) =>
      (task.Status.State === 'failed' || task.Status.State === 'rejected') &&
      task.Spec.ContainerSpec?.Labels[label.task] === wanted &&
      age(task) < failuresWithinMs,
  );
  if (failures.length >= 2) return 'failing';
  if (running) return 'running';
  return ended.some((task) => age(task) < settledMs) ? 'restarting' : 'failing';
}

/** What work does to people in a session. Of work that this version does not know, the worst is taken to be true. */
export function disturbanceOf(kind: RecordedRequest['work']['kind']): Disturbance {
  switch (kind) {
    case 'run-release':
    case 'start':
    case 'stop':
    case 'restart':
    case 'backup':
    case 'drill':
    case 'undelete':
      return 'interrupt';
    case 'reset':
    case 'undo':
    case 'restore':
    case 'delete':
    case 'purge':
    case 'drop-data':
    case 'newer':
      return 'erase';
    default:
      kind satisfies never;
      return 'erase';
  }
}

function refusal(
  decision: GuardDecision,
  { stack, verb, isLapsed = false }: { stack: StackName; verb: RecordedVerb; isLapsed?: boolean },
): ExpectedError {
  const what = `looking for people in a session before ${verb} on ${stack}`;
  const why = `${describeGuard(decision)}${isLapsed ? ` ${lapsed}` : ''}`;
  const text = { why, now: 'Nothing was changed.', details: { ...decision.counts } };
  if (decision.verdict === 'unreadable')
    return new ExpectedError('participants-unreadable', what, {
      ...text,
      hint: `Look at \`oforest status ${asTyped(stack)}\`, or go on regardless with --interrupt REASON.`,
    });
  if (isForOpenPagesAlone(decision))
    return new ExpectedError('open-pages-present', what, {
      ...text,
      hint: 'Close your own pages of the study and try again, or add --ignore-open-pages.',
    });
  return new ExpectedError('participants-present', what, {
    ...text,
    hint: 'Add --after-session to wait until they are done, or disturb them with --interrupt REASON.',
  });
}

const lapsed = `An exception counts for ${exceptionMinutes} minutes, and not when an interrupted run is gone on with.`;

/** A script or a node that fails is a fact for the decision; a server out of reach ends the whole look. */
async function orUnread<T>(reading: Promise<T>): Promise<T | Unread> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ExpectedError && readable.includes(error.code)) return { unread: error.why ?? error.message };
    throw error;
  }
}

const readable: readonly string[] = [
  'participants-unreadable',
  'node-unreachable',
  'experiment-stopped',
  'operation-failed',
  'engine-refused',
];

const isUnread = <T>(seen: T | Unread): seen is Unread => typeof seen === 'object' && seen !== null && 'unread' in seen;
