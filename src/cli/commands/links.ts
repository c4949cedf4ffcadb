import type { Command } from 'commander';
import { experimentStatus, findLinks } from '../../core/index.ts';
import { openBrowser } from '../open-browser.ts';
import { renderTable } from '../render/table.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

export function registerLinkCommands(program: Command, run: Run): void {
  program
    .command('links <experiment>')
    .description('what participants get: rooms, each tried once, and sessions')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack } = study;
          const links = await findLinks(stack, { swarm: server.swarm, entry: await server.entry() });
          const rows = links.map(({ kind, name, url, tried }) => [kind, name, tried, url]);
          const empty = 'oTree has no rooms and no sessions yet. Make a session on its admin page: oforest admin EXP.';
          context.output.answer({
            json: { stack, links },
            text: rows.length === 0 ? empty : renderTable(['KIND', 'NAME', 'TRIED', 'LINK'], rows),
            rows,
          });
        }),
      ),
    );

  program
    .command('open <experiment>')
    .description('open the study in your browser, or print its address')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { stack, url } = await experimentStatus(study.stack, server);
          if (context.canAsk) openBrowser(url);
          context.output.answer({ json: { stack, url }, text: url, rows: [[stack, url]] });
        }),
      ),
    );
}
