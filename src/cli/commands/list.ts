import type { Command } from 'commander';
import {
  didYouMean,
  ExpectedError,
  type ExperimentStatus,
  experimentStatus,
  listReleases,
  listStudies,
  type PeopleSeen,
  quoteForPeople,
  type Server,
  type StudyList,
  seePeopleEverywhere,
  seePeopleOf,
  systemClock,
} from '../../core/index.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { hintForFormApart } from '../json-flag.ts';
import type { Run } from '../program.ts';
import { formatAge, formatTime } from '../render/format.ts';
import { outcomeWords } from '../render/outcome-words.ts';
import { renderTable } from '../render/table.ts';
import { sandboxName } from '../sandbox/name.ts';
import { withStudy } from '../subject.ts';

export function registerListCommands(program: Command, run: Run): void {
  program.usage('[options] [command]').argument('[words...]');
  program.action(([word]: string[]) =>
    run(async (context) => {
      if (word !== undefined) throw unknownCommand(word, program, context.options);
      if (context.surface === 'screen') {
        context.tellInkOfColors();
        const { openTui } = await import('../tui/runtime/open-tui.tsx');
        return await openTui(context);
      }
      if (context.surface === 'lines') {
        const { openLines } = await import('../lines/open-lines.ts');
        return await openLines(context);
      }
      const { current, servers } = await context.config();
      const isSetUp = (current ?? context.options.server) !== undefined || Object.keys(servers).length > 0;
      await (isSetUp ? showList(context) : showTour(context));
    }),
  );

  program
    .command('list')
    .description('all studies of the server')
    .option('--people', 'how many people are in a session of each: asks every study')
    .action((options: { people?: boolean }) => run((context) => showList(context, options)));

  program
    .command('status <experiment>')
    .description('one study: what runs, since when, and what is wrong')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { swarm } = server;
          const [status, people] = await Promise.all([
            experimentStatus(study.stack, { swarm }),
            seePeopleOf(study.stack, { swarm, clock: systemClock }),
          ]);
          const { stack, state, release, url } = status;
          context.output.answer({
            json: { ...status, ...(people && { people: inJson(people) }) },
            text: renderStatus(status, people),
            rows: [[stack, state, release ? `v${release}` : '', url]],
          });
        }),
      ),
    );

  program
    .command('releases <experiment>')
    .description('what a study has run, newest first')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack } = study;
          const releases = await listReleases(stack, server);
          const rows = releases.map(({ release, state, serving, fits, image, digest, createdAt, author, source }) => [
            `v${release}`,
            serving ? 'serving' : state,
            formatTime(createdAt),
            digest.slice('sha256:'.length, 'sha256:'.length + 12),
            source ? `${image} (as v${source})` : image,
            author,
            serving || fits === undefined ? '' : fits === 'fits' ? 'yes' : fits.replace('-', ' '),
          ]);
          context.output.answer({
            json: { stack, releases },
            text: renderTable(['RELEASE', 'STATE', 'TIME', 'DIGEST', 'IMAGE', 'BY', 'FITS'], rows),
            rows,
          });
        }),
      ),
    );
}

function unknownCommand(word: string, program: Command, { json }: GlobalOptions): ExpectedError {
  const formApart = json && hintForFormApart(['--json', word]);
  const near = didYouMean(
    word,
    program.commands.map((command) => command.name()),
  );
  return new ExpectedError('usage-wrong', `reading the command ${quoteForPeople(word)}`, {
    why: 'oForest has no command of that name.',
    now: 'Nothing was changed.',
    hint: formApart ?? (near === undefined ? 'Run `oforest --help` to see them all.' : `Try \`oforest ${near}\`.`),
  });
}

function showList(context: CliContext, { people = false }: { people?: boolean } = {}): Promise<void> {
  return context.withServer(async (server) => {
    const studies = await listStudies(server);
    const { text, ...rest } = people ? await listWithPeople(server, studies) : listAnswer(server, studies);
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

/** The list with a column more, once every study has answered. */
async function listWithPeople(server: Server, { experiments, webs }: StudyList) {
  const seen = await peopleByStack(server, webs);
  const rows = experiments.map(({ stack, state, release, url, changedAt }) => {
    const people = seen.get(stack);
    const shown = people?.known ? String(people.counts.onPage + people.counts.waiting + people.counts.inRoom) : '';
    return [stack, wordOf(state), `v${release}`, shown, formatAge(changedAt), url];
  });
  const withPeople = experiments.map((experiment) => {
    const people = seen.get(experiment.stack);
    return { ...experiment, ...(people && { people: inJson(people) }) };
  });
  return {
    json: { server: server.name, experiments: withPeople },
    text: rows.length === 0 ? '' : renderTable(['STUDY', 'STATE', 'RELEASE', 'PEOPLE', 'CHANGED', 'ADDRESS'], rows),
    rows,
  };
}

async function peopleByStack({ swarm }: Server, webs: StudyList['webs']): Promise<ReadonlyMap<string, PeopleSeen>> {
  const seen = new Map<string, PeopleSeen>();
  for await (const people of seePeopleEverywhere({ swarm, webs, clock: systemClock })) seen.set(people.stack, people);
  return seen;
}

function inJson({ counts, sentence, known }: PeopleSeen) {
  return { ...counts, known, sentence };
}

/** Where no server is set up: the sandbox, and what to try there. */
function showTour(context: CliContext): Promise<void> {
  const { invokedAs, output } = context;
  return context.withServer(
    async (server) => {
      const { text, ...rest } = listAnswer(server, await listStudies(server));
      output.answer({ ...rest, text: tour(text, invokedAs) });
    },
    { name: sandboxName },
  );
}

const tour = (
  list: string,
  oforest: string,
) => `oForest runs oTree experiments on your own Docker Swarm. No server of yours is set up on this computer yet, so this is
the sandbox: a pretend server where everything can be tried, without Docker and without harm.

${list}

Open one of the addresses above in a browser, then try:

  ${oforest} --server sandbox links trust-game
  ${oforest} --server sandbox admin trust-game
  ${oforest} --server sandbox status trust-game
  ${oforest} --server sandbox deploy trust-game --image localhost:5000/samples/trust-game:v3
  ${oforest} --server sandbox rollback trust-game
  ${oforest} --server sandbox reset trust-game
  ${oforest} --server sandbox undo trust-game
  ${oforest} --server sandbox deploy trust-game --image localhost:5000/samples/broken:crash-at-import
  ${oforest} --server sandbox logs trust-game
  ${oforest} sandbox reset

Then your own server:

  1. Name a Swarm manager that you reach by SSH:   ${oforest} server add lab swarm.lab.example.edu --user oforest
  2. Make it ready, once:                          ${oforest} server prepare lab --domain lab.example.edu
  3. Run an image as a study:                      ${oforest} deploy my-exp --image registry.example.edu/lab/my-exp:v1

${oforest} --help lists all commands.`;

/** `text` is empty where there are no studies. */
function listAnswer(server: Server, { experiments }: StudyList) {
  const rows = experiments.map(({ stack, state, release, url, changedAt }) => [
    stack,
    wordOf(state),
    `v${release}`,
    formatAge(changedAt),
    url,
  ]);
  return {
    json: { server: server.name, experiments },
    text: rows.length === 0 ? '' : renderTable(['STUDY', 'STATE', 'RELEASE', 'CHANGED', 'ADDRESS'], rows),
    rows,
  };
}

/** The word of the command, not of the record. */
function wordOf(state: string): string {
  return state === 'retired' ? 'deleted' : state;
}

function renderStatus(status: ExperimentStatus, people: PeopleSeen | undefined): string {
  const { stack, state, release, url, image, parts, variables, secrets, operation, lastOperation } = status;
  const facts: [string, string][] = [
    ['Address', url],
    ['Release', release ? `v${release}  ${image}` : 'none yet'],
    ...(people ? [['People', people.sentence] as [string, string]] : []),
    ...(status.until ? [['Deleted', `kept until ${formatTime(status.until)}`] as [string, string]] : []),
    ...parts.map(({ part, task, since, error, node }): [string, string] => [
      part === 'web' ? 'oTree' : 'Database',
      [task, since && `for ${formatAge(since)}`, node && `on ${node}`, error && `(${error})`].filter(Boolean).join(' '),
    ]),
    ...(variables.length > 0 ? [['Variables', variables.join(', ')] as [string, string]] : []),
    ...(secrets.length > 0 ? [['Secrets', secrets.join(', ')] as [string, string]] : []),
    ...(operation
      ? [['Now', `${operation.actor} runs ${operation.verb} (oforest watch ${operation.id})`] as [string, string]]
      : []),
    ...(lastOperation && !operation
      ? [
          ['Last', `${lastOperation.verb} ${outcomeWords[lastOperation.state]}, ${formatTime(lastOperation.at)}`] as [
            string,
            string,
          ],
        ]
      : []),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [`${stack} is ${wordOf(state)}.`, ...facts.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`)].join(
    '\n',
  );
}
