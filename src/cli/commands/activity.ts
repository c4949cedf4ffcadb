import type { Command } from 'commander';
import {
  type Activity,
  type AuditLine,
  describeActor,
  describeStep,
  ExpectedError,
  listActivity,
  nounOfVerb,
  randomText,
  readAudit,
  requestCancel,
  type Server,
  type StackName,
  systemClock,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { needs } from '../flags.ts';
import { formatTime } from '../render/format.ts';
import { isCancelled, outcomeWords } from '../render/outcome-words.ts';
import { renderTable } from '../render/table.ts';
import { parseStudy } from '../subject.ts';
import type { Run } from './run.ts';

export function registerActivityCommands(program: Command, run: Run): void {
  needs(program.command('activity [experiment]'), ['--env'], ['experiment'])
    .description('who did what and when, newest first, of one study or of all; and what runs now')
    .option('--limit <count>', 'so many at most', '50')
    .option('--audit', 'of one study: resets, restores, deletions and interruptions of its whole life as well')
    .action((name: string | undefined, options: { limit: string; audit?: boolean }) =>
      run(async (context) => {
        const limit = readLimit(options.limit);
        const stack = name === undefined ? undefined : parseStudy(name, context.options).stack;
        await context.withServer(async (server) => {
          const operations = (await listActivity(stack, server)).slice(0, limit);
          const audit = options.audit ? await auditOf(stack, server, context) : undefined;
          const recorded = new Set(operations.map(({ operation }) => operation));
          const older = (audit ?? []).filter(({ operation }) => !recorded.has(operation));
          const rows = [...operations.map(rowOf), ...older.map((line) => auditRow(stack ?? '', line))];
          const none = stack === undefined ? 'Nothing was done here yet.' : `Nothing was done with ${stack} yet.`;
          context.output.answer({
            json: {
              ...(stack !== undefined && { stack }),
              operations: operations.map(({ asked, ...told }) => told),
              ...(audit && { audit }),
            },
            text: rows.length === 0 ? none : renderTable(['TIME', 'STUDY', 'WHAT', 'BY', 'OPERATION', 'OUTCOME'], rows),
            rows,
          });
        });
      }),
    );

  program
    .command('cancel <operation>')
    .description('ask an operation to stop; what it changed is taken back')
    .action((operation: string) =>
      run((context) =>
        context.withServer(async (server) => {
          const needs = { swarm: server.swarm, clock: systemClock };
          const { stack, verb, outcome } = await requestCancel(operation, context.actorOn(server), needs);
          const asked =
            outcome === 'requested' ? `Asked the ${nounOfVerb(verb)} of ${stack} to stop` : 'Somebody asked before';
          context.output.answer({
            json: { operation, stack, outcome },
            text: `${asked}; it does so at its next step, or goes on where it can only go forward. See: oforest watch ${operation}`,
            rows: [[operation, stack, outcome]],
          });
        }),
      ),
    );
}

async function auditOf(
  stack: StackName | undefined,
  { swarm }: Server,
  { signal }: CliContext,
): Promise<readonly AuditLine[]> {
  if (stack !== undefined) return await readAudit(stack, { swarm, clock: systemClock, random: randomText, signal });
  throw new ExpectedError('usage-wrong', 'reading what was written down', {
    why: 'It is written down beside the data of each study, so --audit needs the name of one.',
    now: 'Nothing was changed.',
    hint: 'Run `oforest activity EXP --audit`.',
  });
}

function auditRow(stack: string, { at, verb, actor, operation, interrupt }: AuditLine): readonly string[] {
  const why = interrupt === undefined ? '' : `people were disturbed: ${interrupt}`;
  return [formatTime(at), stack, verb, describeActor(actor), operation, why];
}

function rowOf(activity: Activity): readonly string[] {
  const { startedAt, stack, verb, by, operation } = activity;
  return [formatTime(startedAt), stack, verb, by, operation, outcomeOf(activity)];
}

function outcomeOf({ state, step, place, error, cancelledBy }: Activity): string {
  const cancelled = cancelledBy === undefined ? '' : `, cancelled by ${cancelledBy}`;
  const far = place === undefined ? '' : `${place.step}/${place.of}, `;
  const at = step === undefined ? '' : ` (${far}${describeStep(step)})`;
  const word = outcomeWords[state];
  switch (state) {
    case 'accepted':
      return `${word}${cancelled}`;
    case 'running':
      return `${word}${at}${cancelled}`;
    case 'stale':
      return `${word}${at}: the next operation finishes or undoes it first`;
    case 'succeeded':
      return word;
    case 'failed':
    case 'interrupted':
      if (isCancelled({ state, error })) return `cancelled${cancelledBy === undefined ? '' : ` by ${cancelledBy}`}`;
      return `${word}${cancelled}${error ? `: ${error.why ?? error.what}` : ''}`;
  }
}

function readLimit(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new ExpectedError('usage-wrong', `reading --limit ${JSON.stringify(text)}`, {
    why: 'It takes a number of operations.',
    hint: 'Run `oforest activity --help`.',
  });
}
