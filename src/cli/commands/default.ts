import type { Command } from 'commander';
import { didYouMean, ExpectedError, listStudies, quoteForPeople } from '../../core/index.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { hintForFormApart } from '../json-flag.ts';
import { listAnswer } from '../render/studies.ts';
import { renderTour } from '../render/tour.ts';
import { sandboxName } from '../sandbox/name.ts';
import { showList } from './list.ts';
import type { Run } from './run.ts';

/** What `oforest` without a command does; with a word that is none, it says so. */
export function registerDefault(program: Command, run: Run): void {
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

/** Where no server is set up: the sandbox, and what to try there. */
function showTour(context: CliContext): Promise<void> {
  const { invokedAs, output } = context;
  return context.withServer(
    async (server) => {
      const { text, ...rest } = listAnswer(server, await listStudies(server));
      output.answer({ ...rest, text: renderTour(text, invokedAs) });
    },
    { name: sandboxName },
  );
}
