import type { Command } from 'commander';
import {
  type Booked,
  type Booking,
  bookSlot,
  describeActor,
  ExpectedError,
  listBookings,
  placeHold,
  randomText,
  releaseHold,
  type StackName,
} from '../../core/index.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { needs } from '../flags.ts';
import { parseTime } from '../parse-time.ts';
import { formatTime } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { parseStudy, withStudy } from '../subject.ts';
import type { Run } from './run.ts';

const timeForms = '"2026-11-23 14:00", 14:00, +2h';

export function registerBookCommands(program: Command, run: Run): void {
  needs(program.command('book [experiment]'), ['--env'], ['experiment'])
    .description('a lab session: nothing is deployed, reset or restarted in that time; without times: what is booked')
    .option('--from <time>', `when it begins: ${timeForms}; default: now`)
    .option('--until <time>', `when it ends; +2h counts from its begin`)
    .action((name: string | undefined, options: { from?: string; until?: string }) =>
      run(async (context) => {
        const times = readSlot(options);
        if (!times) return showBookings(name, context);
        if (name === undefined) throw wrong('book', 'The experiment to book is missing.');
        return withStudy(name, context, async (server, { stack }) => {
          const needs = { swarm: server.swarm, random: randomText };
          answerBooked(await bookSlot({ stack, ...times }, context.actorOn(server), needs), context);
        });
      }),
    );

  program
    .command('hold <experiment>')
    .description('keep a study as it is, whoever wants to change it')
    .requiredOption('--until <time>', `when it ends: ${timeForms}`)
    .requiredOption('--reason <text>', 'what everybody is told')
    .action((name: string, options: { until: string; reason: string }) =>
      run((context) => {
        const now = new Date();
        const until = parseTime(options.until, { option: '--until', now, after: now });
        const reason = readReason(options.reason);
        return withStudy(name, context, async (server, { stack }) => {
          const needs = { swarm: server.swarm, random: randomText };
          answerBooked(await placeHold({ stack, until, reason }, context.actorOn(server), needs), context);
        });
      }),
    );

  program
    .command('release-hold <experiment>')
    .description('take back the holds of a study, or one slot or hold by its id')
    .option('--id <id>', 'as `oforest book EXP` shows it')
    .action((name: string, { id }: { id?: string }) =>
      run((context) =>
        withStudy(name, context, async (server, { stack }) => {
          const own = describeActor(context.actorOn(server));
          const meant = (await listBookings(stack, server)).filter((one) =>
            id === undefined ? one.type === 'hold' : one.id === id,
          );
          for (const booking of meant.filter(({ actor }) => describeActor(actor) !== own))
            await confirm(
              `${sentenceOf(booking)} Take it back?`,
              `taking back what others booked on ${stack}`,
              context,
            );
          const released = await releaseHold({ stack, id }, server);
          context.output.answer({
            json: { stack, released: released.map(factsOf) },
            text: released.map((booking) => `Taken back: ${sentenceOf(booking)}`).join('\n'),
            rows: released.map(rowOf),
          });
        }),
      ),
    );
}

/** Undefined without any time. A slot that is under way may be booked: its begin may have passed. */
function readSlot(options: { from?: string; until?: string }): { from: Date; until: Date } | undefined {
  if (options.from === undefined && options.until === undefined) return undefined;
  if (options.until === undefined) throw wrong('book', 'The end is missing: --until.');
  const now = new Date();
  const from = options.from === undefined ? now : parseTime(options.from, { option: '--from', now });
  return { from, until: parseTime(options.until, { option: '--until', now, after: from }) };
}

function readReason(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= 200 && !reason.includes('\n')) return reason;
  throw wrong('hold', 'The reason is one line of at most 200 characters.');
}

async function showBookings(name: string | undefined, context: CliContext): Promise<void> {
  const stack: StackName | undefined = name === undefined ? undefined : parseStudy(name, context.options).stack;
  await context.withServer(async (server) => {
    const bookings = await listBookings(stack, server);
    const header = ['STUDY', 'WHAT', 'FROM', 'UNTIL', 'BY', 'ID', 'REASON'];
    context.output.answer({
      json: { ...(stack !== undefined && { stack }), bookings: bookings.map(factsOf) },
      text:
        bookings.length === 0
          ? `Nothing is booked${stack ? ` for ${stack}` : ''}.`
          : renderTable(header, bookings.map(rowOf)),
      rows: bookings.map(rowOf),
    });
  });
}

function answerBooked({ booking, overlapping }: Booked, { output }: CliContext): void {
  for (const other of overlapping) output.say(`In the same time: ${sentenceOf(other)}`);
  output.answer({
    json: { stack: booking.stack, booking: factsOf(booking), overlapping: overlapping.map(factsOf) },
    text: `${sentenceOf(booking)}\nNobody can deploy, reset, restart or delete it in that time. Its id: ${booking.id}`,
    rows: [rowOf(booking)],
  });
}

function sentenceOf({ type, stack, from, until, reason, actor }: Booking): string {
  const who = describeActor(actor);
  return type === 'slot'
    ? `${stack} is booked from ${formatTime(from)} until ${formatTime(until)} by ${who}.`
    : `${stack} is held until ${formatTime(until)} by ${who}: ${reason}`;
}

function factsOf({ id, stack, type, from, until, reason, actor, createdAt }: Booking) {
  return { id, stack, type, from, until, reason, by: describeActor(actor), createdAt };
}

function rowOf({ id, stack, type, from, until, reason, actor }: Booking): readonly string[] {
  return [stack, type, formatTime(from), formatTime(until), describeActor(actor), id, reason];
}

function wrong(command: string, why: string): ExpectedError {
  return new ExpectedError('usage-wrong', `reading \`${command}\``, {
    why,
    now: 'Nothing was changed.',
    hint: `Run \`oforest ${command} --help\`.`,
  });
}
