import type * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import { EngineFailure } from './engine-failure.ts';
import type { EngineInfo } from './engine-types.ts';

/** What dockerd says, as far as we read it. Throws `engine-unsupported` where that is missing, or is something else. */
export function readAs<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  const [issue] = error.issues;
  const place = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new ExpectedError('engine-unsupported', what, {
    why: `Docker's answer is not what oForest reads there (${place}${issue?.message ?? 'unknown'}).`,
    hint: 'Update oForest; if it is the newest, report this with what `docker version` says on the server.',
    cause: error,
  });
}

/** Why this dockerd cannot answer for a Swarm; undefined where it can. */
export function swarmProblem({ Swarm }: EngineInfo): ExpectedError | undefined {
  const asking = 'asking the Docker Swarm';
  if (Swarm.Error !== '' && Swarm.LocalNodeState !== 'inactive')
    return new ExpectedError('quorum-lost', asking, {
      why: `Its managers have no majority or cannot be reached: ${Swarm.Error}`,
      now: 'Containers keep running; nothing can be changed until a majority of the managers is back.',
      hint: 'Start the missing managers, then try again.',
    });
  if (Swarm.LocalNodeState !== 'active')
    return new ExpectedError('swarm-inactive', asking, {
      why: 'Docker runs here, but Swarm mode is off.',
      hint: 'Run `docker swarm init` on the server once.',
    });
  if (!Swarm.ControlAvailable)
    return new ExpectedError('not-a-manager', asking, {
      why: 'This node is a worker of the Swarm; only a manager can answer.',
      hint: 'Put the host of a manager into the config (`docker node ls` on a manager names them).',
    });
  return undefined;
}

/** Swarm answers a stale version with HTTP 500 and this text only (measured on 20.10; unchanged in current source). */
export function isOutOfSequence(error: unknown): boolean {
  return error instanceof EngineFailure && error.reason.includes('update out of sequence');
}

/** Dockerd's refusal of what was done, in our words; throws everything else as it is. */
export function refuse(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EngineFailure)) throw error;
    if (isOutOfSequence(error))
      throw new ExpectedError('version-conflict', what, {
        why: 'Somebody else changed it at the same moment.',
        hint: 'Run the command again; it starts from what is there now.',
        cause: error,
      });
    throw new ExpectedError('engine-refused', what, {
      why: `Docker refused: ${error.reason}`,
      details: { status: error.status },
      cause: error,
    });
  };
}
