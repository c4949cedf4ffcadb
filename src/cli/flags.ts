import { type Command, Option } from 'commander';
import { ExpectedError } from '../core/index.ts';

/** A flag beside which others would be overlooked: given with one of them it ends as `usage-wrong`. Names as in `opts()`. */
export function exclusive(flags: string, description: string, others: readonly string[]): Option {
  return new Option(flags, description).conflicts([...others]);
}

/**
 * Flags that would be overlooked alone: given without any of `words` they end as `usage-wrong`. A word is as it is typed, a
 * flag, or the name of an argument.
 */
export function needs(command: Command, flags: readonly string[], words: readonly string[]): Command {
  return command.hook('preAction', (_program, typed) => {
    const alone = flags.find((flag) => isGiven(flag, typed));
    if (alone === undefined || words.some((word) => isGiven(word, typed))) return;
    const missing = words.map(shownAs).join(' or ');
    throw wrong(typed, `${alone} does nothing without ${missing}.`, `Add ${missing}, or leave out ${alone}.`);
  });
}

/** An argument and a flag that say the same differently: given together they end as `usage-wrong`. */
export function excludes(command: Command, argument: string, flag: string): Command {
  return command.hook('preAction', (_program, typed) => {
    if (!isGiven(argument, typed) || !isGiven(flag, typed)) return;
    const both = `${shownAs(argument)} and ${flag}`;
    throw wrong(typed, `${both} exclude each other.`, `Leave out one of ${both}.`);
  });
}

/** The flags that a command has so far, as they are typed. */
export function flagsOf({ options }: Command): readonly string[] {
  return options.flatMap(({ long }) => long ?? []);
}

function isGiven(word: string, typed: Command): boolean {
  if (!word.startsWith('--'))
    return typed.processedArgs[typed.registeredArguments.findIndex((one) => one.name() === word)] !== undefined;
  for (let at: Command | null = typed; at; at = at.parent) {
    const name = at.options.find(({ long }) => long === word)?.attributeName();
    if (name !== undefined) return at.getOptionValueSource(name) === 'cli';
  }
  throw new Error(`${typed.name()} has no flag ${word}`);
}

function shownAs(word: string): string {
  return word.startsWith('--') ? word : word.toUpperCase();
}

function wrong(typed: Command, why: string, hint: string): ExpectedError {
  return new ExpectedError('usage-wrong', `reading \`${typed.name()}\``, { why, now: 'Nothing was changed.', hint });
}
