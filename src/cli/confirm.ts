import { createInterface } from 'node:readline/promises';
import { ExpectedError, nounOfVerb, quoteForPeople, type Verb } from '../core/index.ts';
import type { CliContext } from './context.ts';

/** Asks a yes-or-no question. `--yes` answers it; without a terminal it throws `confirmation-missing`, naming the flag. */
export async function confirm(question: string, what: string, context: CliContext): Promise<void> {
  if (context.options.yes) return;
  if (context.canAsk) {
    const answer = await ask(`${question} [y/N] `, context.signal);
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new ExpectedError('confirmation-missing', what, { why: 'You said no.', now: 'Nothing was changed.' });
  }
  throw new ExpectedError('confirmation-missing', what, {
    why: question,
    now: 'Nothing was changed.',
    hint: 'Add --yes to confirm.',
  });
}

/**
 * A yes to losing data or a study is its name, typed: with --confirm, or at the terminal. `--yes` never covers it. Throws
 * `confirmation-missing`, naming the flag.
 */
export async function confirmTypedName(
  { stack, verb }: { stack: string; verb: Verb },
  given: string | undefined,
  { canAsk, signal }: Pick<CliContext, 'canAsk' | 'signal'>,
): Promise<void> {
  const what = `confirming the ${nounOfVerb(verb)} of ${stack}`;
  if (given === stack) return;
  if (given !== undefined)
    throw new ExpectedError('confirmation-missing', what, {
      why: `--confirm names ${quoteForPeople(given)}, and the study is ${stack}.`,
      now: 'Nothing was changed.',
      hint: `Type --confirm ${stack} if that is the study you mean.`,
    });
  if (!canAsk)
    throw new ExpectedError('confirmation-missing', what, {
      why: 'It needs the name of the study as a yes.',
      now: 'Nothing was changed.',
      hint: `Add --confirm ${stack}.`,
    });
  const typed = (await ask(`Type ${stack} to ${verb} it: `, signal)).trim();
  if (typed === stack) return;
  throw new ExpectedError('confirmation-missing', what, {
    why: typed === '' ? 'You typed nothing.' : 'You typed another name.',
    now: 'Nothing was changed.',
  });
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question, { signal });
  } finally {
    reader.close();
  }
}
