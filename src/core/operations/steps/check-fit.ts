import type { z } from 'zod';
import { PagesFacts, ProgressFacts, RowFacts, SchemaFacts } from '../../database/fit-facts.ts';
import { pagesScript, progressScript, rowsScript, schemaScript } from '../../database/scripts/fit-scripts.ts';
import { compareFit, type Fit } from '../../domain/fit.ts';
import { lackedBy } from '../../domain/fit-of-schema.ts';
import { ExpectedError } from '../../errors.ts';
import type { Task } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { inTask, parseResult } from '../../swarm/in-container.ts';
import { databases } from '../../swarm/slots.ts';

export interface CheckFit {
  /** For messages: "v15 of trust-game". */
  readonly subject: string;
  /** Runs the new image and is healthy: so its oTree has filled its scratch database. */
  readonly trial: Task;
  /** The database's task. */
  readonly database: Task;
  /** The running study, where it runs. */
  readonly web?: Task | undefined;
  /** The oTree version of the serving release, where its record says. */
  readonly liveOtree?: string | undefined;
  readonly trialDatabase?: string;
  readonly liveDatabase?: string;
}

/**
 * Whether the image in the trial fits the data of the running study. Reads only. Throws `operation-failed` or
 * `node-unreachable` when it cannot tell; what web would add may be missing.
 */
export async function checkFit(
  { subject, trial, database, web, liveOtree, ...names }: CheckFit,
  { swarm }: { swarm: SwarmGateway },
): Promise<Fit> {
  const liveDatabase = names.liveDatabase ?? databases.live;
  const what = `checking whether ${subject} fits the data`;
  const ask = async <T>(task: Task, words: readonly string[], schema: z.ZodType<T>): Promise<T> => {
    const output = await inTask(task, words, what, { swarm });
    try {
      return parseResult(schema, output);
    } catch (cause) {
      throw new ExpectedError('operation-failed', what, { why: 'What the script printed cannot be read.', cause });
    }
  };
  const askPages = (task: Task, stored?: string) => ask(task, pagesScript(stored), PagesFacts);

  const [expected, live, progress] = await Promise.all([
    ask(database, schemaScript(names.trialDatabase ?? databases.trial), SchemaFacts),
    ask(database, schemaScript(liveDatabase), SchemaFacts),
    ask(database, progressScript(liveDatabase), ProgressFacts),
  ]);
  // Not beside progress: a session that becomes unfinished in between would be in one and not in the other.
  const lacked = lackedBy(expected, live);
  const [next, running, rows] = await Promise.all([
    askPages(trial, liveDatabase),
    // The database's own evidence is enough to go on when web crashes in a loop.
    web && progress.sessions.length > 0 ? askPages(web).catch(expectedOnly) : undefined,
    lacked.length > 0 ? ask(database, rowsScript(liveDatabase, lacked), RowFacts) : {},
  ]);
  return compareFit({ expected, live, pages: { next, live: running }, progress, rows, liveOtree });
}

function expectedOnly(error: unknown): undefined {
  if (error instanceof ExpectedError) return undefined;
  throw error;
}
