import { Command, CommanderError, Option } from 'commander';
import { capital, ExpectedError, errorFacts, exitCodeOf } from '../core/index.ts';
import { registerDefault } from './commands/default.ts';
import { registerListCommand } from './commands/list.ts';
import { registerReleasesCommand } from './commands/releases.ts';
import type { Run } from './commands/run.ts';
import { registerStatusCommand } from './commands/status.ts';
import { createContext, type GlobalOptions } from './context.ts';
import { exclusive } from './flags.ts';
import { hintForFormApart, jsonOption, withJsonForm } from './json-flag.ts';
import { openOutput } from './render/output.ts';
import type { Skeleton } from './tui/skeleton.ts';

/** Runs one command line and returns the exit code; it prints whatever there is to say. */
export async function runProgram(words: readonly string[], version: string, skeleton?: Skeleton): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort(new ExpectedError('cancelled', 'waiting', { why: 'You pressed Ctrl-C.' }));
  process.once('SIGINT', onInterrupt);
  const context = () => createContext(program.opts<GlobalOptions>(), stop.signal, skeleton);
  let exitCode = 0;
  const run: Run = async (work) => {
    const result = await work(context());
    if (typeof result === 'number') exitCode = result;
  };
  const program = createProgram(version, run);

  try {
    const given = words.map(withJsonForm);
    const { operands, unknown } = program.parseOptions(given);
    const [word = 'list'] = [...operands, ...unknown];
    // Looking is what people do most, and what `oforest` alone is for: it does not wait for the code of the rest.
    if (!program.commands.some((command) => command.name() === word)) {
      const { registerOtherCommands } = await import('./other-commands.ts');
      registerOtherCommands(program, run);
    }
    await program.parseAsync(given, { from: 'user' });
    return exitCode;
  } catch (error) {
    skeleton?.remove();
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // The help was shown already; a script gets its one object.
    if (isHelp(error) && !program.opts<GlobalOptions>().json) return 2;
    const known =
      stop.signal.aborted && !(error instanceof ExpectedError) ? stop.signal.reason : foreseen(error, words);
    const facts = errorFacts(known);
    openOutput(program.opts<GlobalOptions>()).error(facts, known instanceof Error ? known.stack : undefined);
    return exitCodeOf(facts);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function foreseen(error: unknown, words: readonly string[]): unknown {
  if (!(error instanceof CommanderError)) return error;
  return new ExpectedError('usage-wrong', 'reading the command line', {
    why: isHelp(error) ? 'A command is missing.' : sentenceOf(error),
    now: 'Nothing was changed.',
    hint: hintFor(error, words),
    cause: error,
  });
}

function hintFor({ code }: CommanderError, words: readonly string[]): string {
  const usual = 'Run `oforest --help`.';
  if (code === 'commander.conflictingOption') return 'Leave out one of the two.';
  if (code === 'commander.unknownCommand' || code === 'commander.excessArguments')
    return hintForFormApart(words) ?? usual;
  return usual;
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help';
}

/** Its message is "error: missing required argument 'experiment'", with a line more where it has a suggestion. */
function sentenceOf({ message }: CommanderError): string {
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n');
  return [`${capital(first.replace(/\.$/, ''))}.`, ...more].join(' ');
}

function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [command.name(), ...words].join(' ');
}

/** With the commands that look at studies alone; `run` does what the one that was typed wants done. */
export function createProgram(version: string, run: Run): Command {
  const program = emptyProgram(version);
  registerDefault(program, run);
  registerListCommand(program, run);
  registerStatusCommand(program, run);
  registerReleasesCommand(program, run);
  return program;
}

function emptyProgram(version: string): Command {
  return (
    new Command('oforest')
      .description(
        [
          'Takes an oTree experiment to a running study on your own Docker Swarm.',
          'Without a command, in a terminal: a screen with everything that can be done.',
        ].join('\n'),
      )
      .version(version, '-V, --version')
      .option('--server <name>', 'the server to talk to; default: the current one')
      .option('--env <environment>', 'production, staging or review-<branch>', 'production')
      .addOption(jsonOption())
      .addOption(exclusive('--plain', 'tab separated, for scripts; not with --json', ['json']))
      .option('--yes', 'answer questions with yes; never covers data loss')
      .option('--no-input', 'never ask')
      .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
      .option('--quiet', 'no progress')
      .addOption(exclusive('--verbose', 'every step, and the stack of a bug; not with --quiet', ['quiet']))
      .option('--ascii', 'no signs beyond ASCII; so it is where the locale is not UTF-8')
      .option('--accessible', 'without a command: lines to listen to, instead of a screen')
      // Without "[options]" there is room for what each does beside it, at 80 columns.
      .configureHelp({ subcommandTerm })
      // What is wrong is worded by runProgram, as all errors are.
      .configureOutput({ outputError: () => {} })
      .showSuggestionAfterError()
      .exitOverride()
  );
}
