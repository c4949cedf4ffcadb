import * as z from 'zod';
import type { Clock, RandomText } from '../clock.ts';
import { type ExportWishes, exportService } from '../database/export-service.ts';
import { exportFolder, exportIndex } from '../database/scripts/export-script.ts';
import { asTyped, namesOf, type StackName } from '../domain/stack-name.ts';
import { safeText } from '../domain/terminal-text.ts';
import { ExpectedError } from '../errors.ts';
import type { ContainerOnNode, FileStream, RegistryAuth, SwarmGateway } from '../swarm/gateway.ts';
import { inWebContainer, outOfSight } from '../swarm/in-container.ts';
import { label } from '../swarm/labels.ts';
import { type ObservedStack, runningTask, taskOf } from '../swarm/observe-stack.ts';
import { keepPageTimesScript } from '../swarm/scripts.ts';
import { deployedRelease } from './steps/data-steps.ts';
import { stuckTask } from './steps/stack-objects.ts';
import { pollMs } from './steps/stack-run.ts';
import { endedStates, taskFailure } from './steps/task-failure.ts';
import { taskLines } from './steps/task-log.ts';
import { partsOf } from './steps/update-web.ts';

const word = z.string().max(300).transform(safeText);
/** It comes out of the study's own container: checked like anything from outside. */
const ExportIndex = z.object({
  otree: word.optional(),
  takenAt: word.optional(),
  participantFields: z.array(word).default([]),
  files: z.array(
    z.object({
      // A file of the folder, never a path.
      name: z.string().regex(/^(?:wide|page-times|chat|(?:app|session|custom)-[\p{L}\p{N}_-]{1,200})\.csv$/u),
      rows: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  failed: z.array(z.object({ name: word, error: word, at: word })),
  stopped: z.object({ error: word, at: word }).optional(),
});

/** What an export has, beside its files. */
export interface ExportFacts {
  readonly stack: StackName;
  /** The one whose code wrote the files. */
  readonly release: number;
  readonly image: string;
  readonly otree: string;
  /** The moment of the database that all files show. */
  readonly takenAt: string;
  readonly format: 'csv' | 'excel';
  readonly anonymous: boolean;
  readonly files: readonly { name: string; rows: number; bytes: number; sha256: string }[];
  /** Files that the study's code could not write, each with the kind of error and its line. */
  readonly failed: readonly { name: string; error: string; at: string }[];
  /** Of an anonymous one: what may name people all the same. */
  readonly notFiltered: readonly string[];
  /** False when those of pages that are open now may be missing. */
  readonly pageTimesKept: boolean;
}

export interface StudyExport extends ExportFacts {
  /** The content of one of its files, as long as `use` runs. */
  read(name: string): Promise<FileStream>;
}

export interface ExportNeeds {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly random: RandomText;
  readonly signal: AbortSignal;
  readonly registryAuth: (image: string) => RegistryAuth | undefined;
}

const timeoutMs = 30 * 60_000;
const operation = 'export';

/**
 * Has the code of the serving release write the data into files, and opens them for as long as `use` runs. Nothing is
 * changed, and nothing is locked. The gateway must outlive `signal`, because what was made is removed at the end. Throws
 * `release-not-found`, `database-unhealthy`, `node-unreachable`, and what keeps an image from running.
 */
export async function withExport<Result>(
  { stack, ...wishes }: ExportWishes & { stack: StackName },
  use: (files: StudyExport) => Promise<Result>,
  needs: ExportNeeds,
): Promise<Result> {
  const { swarm, random, registryAuth } = needs;
  const what = `exporting the data of ${stack}`;
  const { observed, release } = await deployedRelease({ stack, swarm }, what);
  if (!runningTask(observed.tasks, observed.db?.ID)) throw databaseDown(stack, what);
  await removeEnded(observed, needs);
  const pageTimesKept = await keepPageTimes(observed, what, needs);
  const stamp = { release: release.number, operation, epoch: 0, owner: '' };
  const spec = exportService(release.state, partsOf(observed), {
    ...wishes,
    name: namesOf(stack).look(random(10)),
    stamp,
  });
  const serviceId = await swarm.createService(spec, { registryAuth: registryAuth(release.state.image) });
  try {
    const { container, index } = await awaitFiles(serviceId, { stack, what, state: release.state }, needs);
    const { otree = 'unknown', takenAt = '', participantFields, files, failed, stopped } = index;
    if (stopped) throw stoppedBy(stopped, stack, what);
    return await use({
      ...{ stack, release: release.number, image: release.state.image, otree, takenAt },
      ...{ format: wishes.format, anonymous: wishes.anonymous, files, failed, pageTimesKept },
      notFiltered: wishes.anonymous ? notFiltered(files, participantFields) : [],
      async read(name) {
        const file = await swarm.readFile(container, `${exportFolder}/${name}`);
        if (file) return file;
        throw new ExpectedError('job-failed', what, { why: `${name} is gone from its container.`, hint: 'Try again.' });
      },
    });
  } finally {
    await swarm.removeService(serviceId);
  }
}

async function awaitFiles(
  serviceId: string,
  study: { stack: StackName; what: string; state: { memory: { limitBytes: number } } },
  { swarm, clock, signal }: ExportNeeds,
): Promise<{ container: ContainerOnNode; index: z.infer<typeof ExportIndex> }> {
  const { stack, what, state } = study;
  const startedAt = clock.now().getTime();
  let isSeen = false;
  for (;;) {
    const task = await taskOf(serviceId, { stack, swarm });
    const container = { id: task?.Status.ContainerStatus?.ContainerID ?? '', nodeId: task?.NodeID ?? '' };
    if (task && endedStates.includes(task.Status.State)) {
      const { limitBytes } = state.memory;
      const [found, log] = [await swarm.inspectContainer(container), await taskLines(task.ID, { swarm })];
      throw taskFailure({ what, task, container: found, log, memoryLimitBytes: limitBytes });
    }
    if (task?.Status.State === 'running') {
      isSeen ||= (await swarm.inspectContainer(container)) !== undefined;
      if (!isSeen) throw outOfSight(task, what, 'It runs').with({ now: 'Nothing was changed.' });
      const file = await swarm.readFile(container, `${exportFolder}/${exportIndex}`);
      if (file) return { container, index: await parsed(file, what) };
    }
    const waitedMs = clock.now().getTime() - startedAt;
    const stuck = task && stuckTask(task, waitedMs, what);
    if (stuck) throw stuck;
    if (waitedMs > timeoutMs)
      throw new ExpectedError('timed-out', what, {
        why: `It was not done within ${timeoutMs / 60_000} minutes (its task is ${task?.Status.State ?? 'missing'}).`,
        now: 'Nothing was changed.',
        hint: 'Try again when the server has less to do.',
      });
    await clock.sleep(pollMs, signal);
  }
}

async function parsed({ content }: FileStream, what: string) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  try {
    return ExportIndex.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    // The cause would quote what it says.
    throw new ExpectedError('job-failed', what, {
      why: 'What the image says of the files cannot be understood.',
      now: 'Nothing was changed.',
      hint: 'Check that the image has an unchanged oTree.',
    });
  }
}

/** Where web does not run, its page times were kept when it was stopped. */
async function keepPageTimes(observed: ObservedStack, what: string, { swarm }: ExportNeeds): Promise<boolean> {
  if (!runningTask(observed.tasks, observed.web?.ID)) return true;
  try {
    await inWebContainer(keepPageTimesScript, what, observed, { swarm });
    return true;
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'operation-failed') return false;
    throw error;
  }
}

/** What an earlier one left whose client vanished; its files went when its time was over. */
async function removeEnded({ stack, tasks }: ObservedStack, { swarm }: ExportNeeds): Promise<void> {
  const left = (await swarm.listServices({ label: label.stack, value: stack })).filter(
    ({ Spec }) => Spec.Labels[label.operation] === operation,
  );
  for (const { ID } of left) {
    const own = tasks.filter(({ ServiceID }) => ServiceID === ID);
    if (own.length > 0 && own.every(({ Status }) => endedStates.includes(Status.State))) await swarm.removeService(ID);
  }
}

function notFiltered(files: readonly { name: string }[], participantFields: readonly string[]): readonly string[] {
  const customs = files.filter(({ name }) => name.startsWith('custom-')).map(({ name }) => name);
  return [
    'free-text answers',
    'labels and comments of sessions',
    ...(files.some(({ name }) => name === 'chat.csv') ? ['chat.csv: nicknames and messages'] : []),
    ...(participantFields.length > 0 ? [`participant fields: ${participantFields.join(', ')}`] : []),
    ...customs.map((name) => `${name}: whatever the study's own code writes`),
  ];
}

function databaseDown(stack: StackName, what: string): ExpectedError {
  return new ExpectedError('database-unhealthy', what, {
    why: `The database of ${stack} does not run at the moment.`,
    now: 'Nothing was changed.',
    hint: `Bring it back with \`oforest start ${asTyped(stack)}\`, or \`undelete\` if it was deleted.`,
  });
}

function stoppedBy({ error, at }: { error: string; at: string }, stack: StackName, what: string): ExpectedError {
  return new ExpectedError('job-failed', what, {
    why: `oTree could not be loaded to export: ${error}${at ? ` at ${at}` : ''}.`,
    now: 'Nothing was changed.',
    hint: `A backup has all of it as well: \`oforest backup ${asTyped(stack)}\`.`,
  });
}
