import * as z from 'zod';
import { Archive } from '../../database/archive.ts';
import { BackupManifest } from '../../database/manifest.ts';
import type { StackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { Task } from '../../swarm/engine-types.ts';
import type { FileStream } from '../../swarm/gateway.ts';
import { outOfSight } from '../../swarm/in-container.ts';
import { taskOf } from '../../swarm/observe-stack.ts';
import { type LookNeeds, lookWith, withLook } from './run-job.ts';
import { pollMs } from './stack-run.ts';
import { endedStates } from './task-failure.ts';

const BackupList = z.object({
  backups: z.array(BackupManifest),
  archives: z.array(Archive),
  freeBytes: z.number(),
  live: z.object({ bytes: z.number() }).nullish(),
});
/** What there is to go back to. */
export type BackupList = z.infer<typeof BackupList>;

/** Backups and set-aside databases of a study, newest first, as its volume and its Postgres tell. One job: 1 to 2 s. */
export async function listBackups(stack: StackName, needs: LookNeeds): Promise<BackupList> {
  const job = { name: 'list', what: `listing the backups of ${stack}` } as const;
  return BackupList.parse(await lookWith(stack, job, needs));
}

/** Files on the volume with the backups, while it is held open. */
export interface BackupFiles {
  /** Undefined when there is no such file. */
  read(name: string): Promise<FileStream | undefined>;
  write(name: string, file: FileStream): Promise<void>;
}

/** The longest that a look may take: fetching the largest dump over a slow line. */
export const heldSeconds = 6 * 60 * 60;
const startTimeoutMs = 60_000;

/** Opens the volume of a study's backups for as long as `use` runs. Throws `node-unreachable` where we cannot look. */
export async function withBackupFiles<Result>(
  stack: StackName,
  use: (files: BackupFiles) => Promise<Result>,
  needs: LookNeeds,
): Promise<Result> {
  const { swarm } = needs;
  const what = `opening the backups of ${stack}`;
  const job = { name: 'hold-open', what, variables: { SECONDS: String(heldSeconds) } } as const;
  return await withLook(
    stack,
    job,
    async (serviceId) => {
      const task = await awaitRunning(stack, serviceId, what, needs);
      const container = { id: task.Status.ContainerStatus?.ContainerID ?? '', nodeId: task.NodeID };
      const unseen = () => outOfSight(task, what, 'They are').with({ now: 'Nothing was changed.' });
      if (!(await swarm.inspectContainer(container))) throw unseen();
      return await use({
        read: (name) => swarm.readFile(container, `/backups/${name}`),
        async write(name, file) {
          if (!(await swarm.writeFile(container, { folder: '/backups', name, ...file }))) throw unseen();
        },
      });
    },
    needs,
  );
}

async function awaitRunning(
  stack: StackName,
  serviceId: string,
  what: string,
  { swarm, clock, signal }: LookNeeds,
): Promise<Task> {
  const until = clock.now().getTime() + startTimeoutMs;
  for (;;) {
    const task = await taskOf(serviceId, { stack, swarm });
    if (task?.Status.State === 'running') return task;
    const { State = 'missing', Err = '' } = task?.Status ?? {};
    if (endedStates.includes(State) || clock.now().getTime() > until)
      throw new ExpectedError('job-failed', what, {
        why: `Its job does not run: ${State} ${Err}`.trim(),
        now: 'Nothing was changed.',
        hint: 'Check the node of the database with `docker node ls`, then try again.',
      });
    await clock.sleep(pollMs, signal);
  }
}
