import { createInterface } from 'node:readline/promises';
import { ExpectedError } from '../core/index.ts';
import type { CliContext } from './context.ts';

/** Asks a yes-or-no question. `--yes` answers it; without a terminal it throws `confirmation-missing`, naming the flag. */
export async function confirm(question: string, what: string, context: CliContext): Promise<void> {
  if (context.options.yes) return;
  if (context.canAsk) {
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await reader.question(`${question} [y/N] `, { signal: context.signal });
      if (/^y(es)?$/i.test(answer.trim())) return;
    } finally {
      reader.close();
    }
    throw new ExpectedError('confirmation-missing', what, { why: 'You said no.', now: 'Nothing was changed.' });
  }
  throw new ExpectedError('confirmation-missing', what, {
    why: question,
    now: 'Nothing was changed.',
    hint: 'Add --yes to confirm.',
  });
}
