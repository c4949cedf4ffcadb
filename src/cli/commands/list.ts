import type { Command } from 'commander';
import {
  listStudies,
  type PeopleSeen,
  type Server,
  type StudyList,
  seePeopleEverywhere,
  systemClock,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { listAnswer, listWithPeopleAnswer } from '../render/studies.ts';
import type { Run } from './run.ts';

export function registerListCommand(program: Command, run: Run): void {
  program
    .command('list')
    .description('all studies of the server')
    .option('--people', 'how many people are in a session of each: asks every study')
    .action((options: { people?: boolean }) => run((context) => showList(context, options)));
}

export function showList(context: CliContext, { people = false }: { people?: boolean } = {}): Promise<void> {
  return context.withServer(async (server) => {
    const studies = await listStudies(server);
    const { text, ...rest } = people
      ? listWithPeopleAnswer(server, studies, await peopleByStack(server, studies))
      : listAnswer(server, studies);
    const empty = `No studies on ${server.name} yet. Deploy one: oforest deploy my-exp --image REFERENCE`;
    context.output.answer({ ...rest, text: text || empty });
    // The table is not kept waiting for what every study has to be asked for.
    if (!people && text !== '' && process.stdout.isTTY) await sayWhoIsThere(server, studies, context);
  });
}

const patienceMs = 3_000;

/** One line after the table, as far as the studies answer in time. */
async function sayWhoIsThere({ swarm }: Server, { webs }: StudyList, { output }: CliContext): Promise<void> {
  const there: string[] = [];
  for await (const { stack, counts } of seePeopleEverywhere({ swarm, webs, clock: systemClock }, { patienceMs })) {
    const { onPage, waiting, inRoom } = counts;
    if (onPage + waiting + inRoom > 0) there.push(`${stack} (${onPage + waiting + inRoom})`);
  }
  if (there.length > 0) output.say(`In a session now: ${there.sort().join(', ')}.`);
}

/** Once every study has answered. */
async function peopleByStack({ swarm }: Server, { webs }: StudyList): Promise<ReadonlyMap<string, PeopleSeen>> {
  const seen = new Map<string, PeopleSeen>();
  for await (const people of seePeopleEverywhere({ swarm, webs, clock: systemClock })) seen.set(people.stack, people);
  return seen;
}
