import type { Command } from 'commander';
import {
  didYouMean,
  ExpectedError,
  type ExperimentStatus,
  experimentStatus,
  listExperiments,
  listReleases,
  quoteForPeople,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import type { Run } from '../program.ts';
import { renderTable } from '../render/table.ts';
import { formatAge, formatTime } from '../render/time.ts';
import { withStudy } from '../subject.ts';

export function registerListCommands(program: Command, run: Run): void {
  program.usage('[options] [command]').argument('[words...]');
  program.action(([word]: string[]) =>
    run(async (context) => {
      if (word !== undefined) throw unknownCommand(word, program);
      if (Object.keys((await context.config()).servers).length > 0) return await showList(context);
      context.output.answer({ json: { servers: [] }, text: firstSteps, rows: [] });
    }),
  );

  program
    .command('list')
    .description('all studies of the server')
    .action(() => run(showList));

  program
    .command('status <experiment>')
    .description('one study: what runs, since when, and what is wrong')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const status = await experimentStatus(study.stack, server);
          const { stack, state, release, url } = status;
          context.output.answer({
            json: { ...status },
            text: renderStatus(status),
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
          const rows = releases.map(({ release, state, serving, image, digest, createdAt, author, source }) => [
            `v${release}`,
            serving ? 'serving' : state,
            formatTime(createdAt),
            digest.slice('sha256:'.length, 'sha256:'.length + 12),
            source ? `${image} (as v${source})` : image,
            author,
          ]);
          context.output.answer({
            json: { stack, releases },
            text: renderTable(['RELEASE', 'STATE', 'TIME', 'DIGEST', 'IMAGE', 'BY'], rows),
            rows,
          });
        }),
      ),
    );
}

function unknownCommand(word: string, program: Command): ExpectedError {
  const near = didYouMean(
    word,
    program.commands.map((command) => command.name()),
  );
  return new ExpectedError('usage-wrong', `reading the command ${quoteForPeople(word)}`, {
    why: 'oForest has no command of that name.',
    now: 'Nothing was changed.',
    hint: near === undefined ? 'Run `oforest --help` to see them all.' : `Try \`oforest ${near}\`.`,
  });
}

const firstSteps = `oForest runs oTree experiments on your own Docker Swarm. No server is set up on this computer yet.

  1. Name a Swarm manager that you reach by SSH:   oforest server add lab swarm.lab.example.edu --user oforest
  2. Make it ready, once:                          oforest server prepare lab --domain lab.example.edu
  3. Run an image as a study:                      oforest deploy my-exp --image registry.example.edu/lab/my-exp:v1

oforest --help lists all commands.`;

function showList(context: CliContext): Promise<void> {
  return context.withServer(async (server) => {
    const experiments = await listExperiments(server);
    const rows = experiments.map(({ stack, state, release, url, changedAt }) => [
      stack,
      state,
      `v${release}`,
      formatAge(changedAt),
      url,
    ]);
    const empty = `No studies on ${server.name} yet. Deploy one: oforest deploy my-exp --image REFERENCE`;
    context.output.answer({
      json: { server: server.name, experiments },
      text: rows.length === 0 ? empty : renderTable(['STUDY', 'STATE', 'RELEASE', 'CHANGED', 'ADDRESS'], rows),
      rows,
    });
  });
}

function renderStatus(status: ExperimentStatus): string {
  const { stack, state, release, url, image, parts, variables, secrets, operation, lastOperation } = status;
  const facts: [string, string][] = [
    ['Address', url],
    ['Release', release ? `v${release}  ${image}` : 'none yet'],
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
      ? [['Last', `${lastOperation.verb} ${lastOperation.state}, ${formatTime(lastOperation.at)}`] as [string, string]]
      : []),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [`${stack} is ${state}.`, ...facts.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`)].join('\n');
}
