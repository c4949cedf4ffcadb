import { SchemaFacts } from '../../database/fit-facts.ts';
import { schemaScript } from '../../database/scripts/fit-scripts.ts';
import { describeFit } from '../../domain/describe-fit.ts';
import { type Fit, goesOnByItself, type MissingColumn } from '../../domain/fit.ts';
import { compareSchemas } from '../../domain/fit-of-schema.ts';
import { asTyped, namesOf } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import { noteRelease } from '../../records/release-record.ts';
import type { Task } from '../../swarm/engine-types.ts';
import { inDatabaseContainer, parseResult } from '../../swarm/in-container.ts';
import { label } from '../../swarm/labels.ts';
import { observeStack, runningTask, servingRelease } from '../../swarm/observe-stack.ts';
import { databases } from '../../swarm/slots.ts';
import { checkFit } from './check-fit.ts';
import { runJob } from './run-job.ts';
import type { StackRun } from './stack-run.ts';
import type { Operation, Step } from './step.ts';

/**
 * Compares the image in a healthy trial with the data it would meet: the live data, or the data that is to become it.
 * Throws `misfit` unless it plainly fits, or lacks only columns that are to be added.
 */
export async function* inspectFit(
  run: StackRun,
  trial: Task,
  {
    release,
    addColumns = false,
    data = databases.live,
    wayOut,
  }: {
    release: number;
    addColumns?: boolean;
    data?: string;
    /** What to do where it does not fit; by default what helps with a new image. */
    wayOut?: string;
  },
): Operation<void> {
  const { stack, swarm } = run;
  const observed = await observeStack(stack, { swarm });
  const database = runningTask(observed.tasks, observed.db?.ID);
  const subject = `v${release} of ${stack}`;
  if (!database)
    throw new ExpectedError('database-unhealthy', `checking whether ${subject} fits the data`, {
      why: 'The database does not run at the moment.',
      hint: `Look at \`oforest logs ${asTyped(stack)} --part db\`.`,
    });
  const facts = {
    subject,
    trial,
    database,
    web: runningTask(observed.tasks, observed.web?.ID),
    liveOtree: servingRelease(observed)?.otree,
    liveDatabase: data,
  };
  const fit = await checkFit(facts, { swarm });
  const sentences = describeFit(fit);
  // Before the first release there is no data that it could fit or not.
  if (run.request.before.release !== undefined) yield { kind: 'fit-checked', verdict: fit.verdict, sentences };
  await noteRelease(
    { name: namesOf(stack).releaseRecord(release), labels: { [label.fit]: fit.fingerprint } },
    { swarm },
  );
  if (goesOnByItself(fit) || (addColumns && onlyLacksColumns(fit))) return;
  throw misfit(subject, fit, sentences, wayOut ?? waysOut(fit, asTyped(stack)));
}

function onlyLacksColumns({ findings }: Pick<Fit, 'findings'>): boolean {
  return findings.every(({ kind }) => kind === 'adds-columns' || kind === 'adds-tables');
}

function misfit(subject: string, fit: Fit, sentences: readonly string[], hint: string): ExpectedError {
  return new ExpectedError('misfit', `checking whether ${subject} fits the data`, {
    why: sentences.join(' '),
    hint,
    details: { verdict: fit.verdict, findings: [...sentences] },
  });
}

/** What somebody can do about an image that does not fit, as one hint. */
export function waysOut(fit: Pick<Fit, 'findings'>, typed: string): string {
  const has = (kind: Fit['verdict']) => fit.findings.some((finding) => finding.kind === kind);
  if (has('misfit'))
    return 'Deploy it as a new experiment (a reset would not help: it makes the tables of the running version). Or change the image: give a field of another type another name, and keep the version of oTree.';
  const others = `deploy it as a new experiment, or reset this one first (\`oforest reset ${typed}\` keeps its data for \`undo\`)`;
  if (onlyLacksColumns(fit)) return `Add --add-columns (after a backup, earlier rows stay empty), ${others}.`;
  if (has('drops-data')) return `Keep in the image what has data, ${others}.`;
  return `Wait until nobody is unfinished where pages move; otherwise ${others}.`;
}

/** Columns that the trial's scratch database has and the live one lacks, added as they are there. */
export function addColumnsStep(run: StackRun): Step {
  const { stack } = run;
  return {
    id: 'add-columns',
    check: async () => (await missingColumns(run)).length === 0,
    async *do() {
      yield* runJob(run, {
        name: 'add-columns',
        step: 'add-columns',
        what: `adding columns to the data of ${stack}`,
        variables: { DATABASE: databases.live, COLUMNS: JSON.stringify(await missingColumns(run)) },
      });
    },
  };
}

async function missingColumns({ stack, swarm }: StackRun): Promise<readonly MissingColumn[]> {
  const observed = await observeStack(stack, { swarm });
  const read = async (database: string) =>
    parseResult(
      SchemaFacts,
      await inDatabaseContainer(schemaScript(database), `reading the tables of ${stack}`, observed, { swarm }),
    );
  const [expected, live] = await Promise.all([read(databases.trial), read(databases.live)]);
  // Of one oTree version, or the comparison in the trial would have refused.
  const otree = { next: 'the same', live: 'the same' };
  const findings = compareSchemas({ expected, live, rows: {}, otree });
  return findings.flatMap((finding) => (finding.kind === 'adds-columns' ? finding.columns : []));
}
