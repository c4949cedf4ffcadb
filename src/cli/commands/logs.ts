import type { Command } from 'commander';
import { ExpectedError, readLogs } from '../../core/index.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

interface LogsOptions {
  follow?: boolean;
  tail?: string;
  since?: string;
  part: string;
}

export function registerLogsCommand(program: Command, run: Run): void {
  program
    .command('logs <experiment>')
    .description("what oTree or its database printed; participants' codes, labels and addresses are masked")
    .option('-f, --follow', 'go on as it is written, until Ctrl-C')
    .option('--tail <lines>', 'only the last lines')
    .option('--since <age>', 'only the last 30s, 10m, 2h or 1d')
    .option('--part <part>', 'web or db', 'web')
    .action((name: string, options: LogsOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack } = study;
          const { follow = false } = options;
          const request = {
            stack,
            part: readPart(options.part),
            follow,
            tail: readTail(options.tail),
            since: readSince(options.since),
          };
          try {
            for await (const { stream, at, text } of readLogs(request, server))
              context.output.line({ kind: 'log', stream, at, text }, text);
          } catch (error) {
            // Ctrl-C is how a followed log ends.
            if (!(follow && context.signal.aborted)) throw error;
          }
        }),
      ),
    );
}

function readPart(text: string): 'web' | 'db' {
  if (text === 'web' || text === 'db') return text;
  throw wrong(`the part ${JSON.stringify(text)}`, 'The parts of a study are web and db.');
}

function readTail(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,7}$/.test(text)) return Number(text);
  throw wrong(`--tail ${JSON.stringify(text)}`, 'It takes a number of lines.');
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function readSince(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^([0-9]{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = unitSeconds[unit];
  if (count !== undefined && seconds !== undefined) return new Date(Date.now() - Number(count) * seconds * 1000);
  throw wrong(`--since ${JSON.stringify(text)}`, 'It takes an age such as 30s, 10m, 2h or 1d.');
}

function wrong(what: string, why: string): ExpectedError {
  return new ExpectedError('usage-wrong', `reading ${what}`, { why, hint: 'Run `oforest logs --help`.' });
}
