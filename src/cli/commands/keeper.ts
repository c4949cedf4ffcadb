import type { Command } from 'commander';
import {
  createTimetable,
  describeKeeperLine,
  ExpectedError,
  type KeeperLine,
  platformChores,
  randomText,
  resumeOperation,
  runKeeper,
  systemClock,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { type MailOptions, openMail } from '../mail.ts';
import { processName, runHere } from '../run-here.ts';
import type { Run } from './run.ts';

export function registerKeeperCommand(program: Command, run: Run): void {
  program
    .command('keeper')
    .description(
      'stay and run what is asked of the platform, whoever asks; SIGTERM or Ctrl-C ends it, after what it runs',
    )
    .option('--mail-to <address>', 'where to say what went wrong')
    .option('--mail-from <address>', 'default: as --mail-to')
    .option('--smtp <url>', 'the mail server: smtp://HOST:PORT, smtps://USER@HOST')
    .option('--smtp-password-file <file>', "of the mail server's user")
    .action((options: MailOptions) => run((context) => keep(options, context)));
}

/** Runs until it is told to end. A lost connection is made anew; the record says who is at work meanwhile. */
async function keep(options: MailOptions, context: CliContext): Promise<void> {
  const mail = await openMail(options);
  const timetable = createTimetable({ timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone });
  const ending = new AbortController();
  const end = () =>
    ending.abort(new ExpectedError('cancelled', 'keeping the platform', { why: 'It was told to end.' }));
  context.signal.addEventListener('abort', end, { once: true });
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, end);
  // The connection outlives the signal: what runs is run to its end.
  const { signal } = new AbortController();
  try {
    await context.withServer(
      (server) =>
        runKeeper({
          swarm: server.swarm,
          clock: systemClock,
          signal: ending.signal,
          name: processName(),
          run: (operation) => runHere(operation, server, signal),
          resume: (operation) => resumeOperation(operation, server),
          chores: platformChores(timetable, { swarm: server.swarm, clock: systemClock, random: randomText, signal }),
          say: (line) => say(line, context),
          ...(mail && { mail }),
        }),
      { signal },
    );
  } finally {
    for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, end);
  }
}

function say(line: KeeperLine, { output }: CliContext): void {
  const at = new Date().toISOString();
  const { kind, ...facts } = line;
  output.line({ kind: 'keeper', at, event: kind, ...facts }, `${at}  ${describeKeeperLine(line)}`);
}
