import type { Command } from 'commander';
import { listReleases } from '../../core/index.ts';
import { formatTime } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

export function registerReleasesCommand(program: Command, run: Run): void {
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
