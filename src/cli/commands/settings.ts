import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import {
  ExpectedError,
  experimentStatus,
  parseVariableName,
  parseVariableValue,
  type Review,
  randomText,
  readVariables,
  reviewChange,
  Secret,
  type Server,
  storeForLater,
  systemClock,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { exclusive } from '../flags.ts';
import { askHidden } from '../passphrases.ts';
import { renderTable } from '../render/table.ts';
import { type RunOptions, runReview, withGuardOptions } from '../run-review.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

type ChangeOptions = RunOptions & { later?: boolean };

export function registerVariableCommand(program: Command, run: Run): void {
  const variable = program.command('variable').description('variables of a study, for what its settings.py reads');

  variable
    .command('list <experiment>')
    .description('the variables of the newest release')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack } = study;
          const variables = await readVariables(stack, server);
          const rows = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
          const table = rows.length === 0 ? `${stack} has no variables.` : renderTable(['NAME', 'VALUE'], rows);
          context.output.answer({ json: { stack, variables }, text: table, rows });
        }),
      ),
    );

  withChangeOptions(variable.command('set <experiment> <assignments...>'))
    .description('set variables, NAME=VALUE each, and run a release with them')
    .action((name: string, assignments: string[], options: ChangeOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const given = Object.fromEntries(assignments.map(readAssignment));
          const look = () =>
            reviewChange(
              {
                ...study,
                verb: 'variable',
                change: (state) => ({ ...state, variables: { ...state.variables, ...given } }),
              },
              server,
            );
          await runOrStore(look, options, server, context);
        }),
      ),
    );

  withChangeOptions(variable.command('unset <experiment> <names...>'))
    .description('remove variables and run a release without them')
    .action((name: string, names: string[], options: ChangeOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const gone = names.map(parseVariableName);
          const look = () =>
            reviewChange(
              {
                ...study,
                verb: 'variable',
                change: (state) => ({ ...state, variables: without(state.variables, gone) }),
              },
              server,
            );
          await runOrStore(look, options, server, context);
        }),
      ),
    );
}

export function registerSecretCommand(program: Command, run: Run): void {
  const secret = program
    .command('secret')
    .description('secrets of a study: variables whose value nobody can read back');

  secret
    .command('list <experiment>')
    .description('the names; values are never shown')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack, secrets } = await experimentStatus(study.stack, server);
          const none = `${stack} has no secrets of its own.`;
          context.output.answer({
            json: { stack, secrets },
            text: secrets.length === 0 ? none : secrets.join('\n'),
            rows: secrets.map((one) => [one]),
          });
        }),
      ),
    );

  withChangeOptions(secret.command('set <experiment> <name>'))
    .description('store a secret and run a release with it; the value comes on stdin or is asked for')
    .action((name: string, secretName: string, options: ChangeOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const slot = parseVariableName(secretName);
          const value = await readSecretValue(slot, context);
          const look = () =>
            reviewChange(
              {
                ...study,
                verb: 'secret',
                change: (state) => ({ ...state, secrets: [...new Set([...state.secrets, slot])].sort() }),
                newSecrets: [{ slot, value }],
              },
              server,
            );
          await runOrStore(look, options, server, context);
        }),
      ),
    );

  withChangeOptions(secret.command('unset <experiment> <name>'))
    .description('remove a secret and run a release without it')
    .action((name: string, secretName: string, options: ChangeOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const slot = parseVariableName(secretName);
          const look = () =>
            reviewChange(
              {
                ...study,
                verb: 'secret',
                change: (state) => ({ ...state, secrets: state.secrets.filter((one) => one !== slot) }),
              },
              server,
            );
          await runOrStore(look, options, server, context);
        }),
      ),
    );
}

function withChangeOptions(command: Command): Command {
  const runsARelease = withGuardOptions(command).options.map((option) => option.attributeName());
  return command.addOption(
    exclusive('--later', 'only store it; the next deployment takes it up; not with the flags above', runsARelease),
  );
}

async function runOrStore(
  look: () => Promise<Review>,
  options: ChangeOptions,
  server: Server,
  context: CliContext,
): Promise<void> {
  if (!options.later) return await runReview(look, options, server, context);
  const review = await look();
  if (review.plan.length === 0) return await runReview(look, options, server, context);
  const needs = { swarm: server.swarm, clock: systemClock, random: randomText };
  const release = await storeForLater(review, context.actorOn(server), needs);
  context.output.answer({
    json: { stack: review.stack, outcome: 'stored', release },
    text: `Stored as v${release}; nothing runs with it yet. The next deployment takes it up.`,
    rows: [[review.stack, 'stored', `v${release}`]],
  });
}

function readAssignment(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals === -1)
    throw new ExpectedError('usage-wrong', `reading ${JSON.stringify(text)}`, {
      why: 'A variable is given as NAME=VALUE.',
      now: 'Nothing was changed.',
      hint: 'Write it as one word; quote it in the shell when the value has spaces.',
    });
  const name = parseVariableName(text.slice(0, equals));
  return [name, parseVariableValue(name, text.slice(equals + 1))];
}

function without(variables: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  for (const name of names)
    if (variables[name] === undefined)
      throw new ExpectedError('variable-not-found', `removing the variable ${name}`, {
        why: 'The study has no variable of that name.',
        now: 'Nothing was changed.',
        hint: 'Run `oforest variable list EXP`.',
      });
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !names.includes(name)));
}

/** From a pipe whole (one trailing line break is the shell's, not the secret's), from a person hidden. Never from argv. */
async function readSecretValue(name: string, context: CliContext): Promise<Secret> {
  if (context.canAsk) {
    const typed = await askHidden(`Value of ${name}: `);
    if (typed !== undefined) return new Secret(parseVariableValue(name, typed));
    throw new ExpectedError('cancelled', `storing the secret ${name}`, { now: 'Nothing was changed.' });
  }
  const piped = process.stdin.isTTY ? '' : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (piped !== '') return new Secret(parseVariableValue(name, piped));
  throw new ExpectedError('confirmation-missing', `storing the secret ${name}`, {
    why: 'There is no value on stdin and nobody to ask.',
    now: 'Nothing was changed.',
    hint: `Pipe it: printf %s "$VALUE" | oforest secret set EXP ${name}`,
  });
}
