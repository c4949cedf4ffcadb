import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ExportFacts, randomText, systemClock, withExport } from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { checkExportFolder, writeExport } from '../export-folder.ts';
import { createProgress } from '../render/progress.ts';
import { renderTable } from '../render/table.ts';
import { parseStudy } from '../subject.ts';
import type { Run } from './run.ts';

interface ExportOptions {
  readonly out: string;
  readonly anonymous?: boolean;
  readonly format: 'csv' | 'excel';
  readonly perSession?: boolean;
}

export function registerExportCommand(program: Command, run: Run): void {
  program
    .command('export <experiment>')
    .description("the data as oTree's own files, written by the release that serves")
    .requiredOption('--out <folder>', 'a new folder that only you can read')
    .option('--anonymous', 'without labels and worker ids of participants; what may name people still is listed')
    .addOption(
      new Option('--format <format>', 'excel: CSV that Excel opens as UTF-8').choices(['csv', 'excel']).default('csv'),
    )
    .option('--per-session', 'also a wide file for each session')
    .action((name: string, options: ExportOptions) => run((context) => exportData(name, options, context)));
}

async function exportData(name: string, options: ExportOptions, context: CliContext): Promise<number> {
  const { stack } = parseStudy(name, context.options);
  const { anonymous = false, format, perSession = false } = options;
  const folder = resolve(options.out);
  await checkExportFolder(folder);
  // Not the one of Ctrl-C: what was made on the server is removed after it.
  const { signal } = new AbortController();
  return await context.withServer(
    async ({ swarm, registryAuth }) => {
      const needs = { swarm, registryAuth, clock: systemClock, random: randomText, signal: context.signal };
      const progress = createProgress(`Exporting ${stack}`, context);
      const facts = await withExport(
        { stack, anonymous, format, perSession },
        async (study) => {
          await writeExport(study, folder, { progress: progress.show, signal: context.signal });
          const { read: _gone, ...rest } = study;
          return rest;
        },
        needs,
      ).finally(progress.end);
      const { takenAt, files, failed, ...others } = facts;
      const isWhole = failed.length === 0;
      context.output.answer({
        json: {
          ok: isWhole,
          ...others,
          outcome: isWhole ? 'exported' : 'incomplete',
          path: folder,
          takenAt,
          files: files.map(({ name: file, rows, bytes }) => ({ name: file, rows, bytes })),
          failed,
        },
        text: renderExport(facts, folder),
        rows: files.map(({ name: file, rows, bytes }) => [file, String(rows), String(bytes)]),
      });
      return isWhole ? 0 : 1;
    },
    { signal },
  );
}

function renderExport(facts: ExportFacts, folder: string): string {
  const { stack, files, failed, anonymous, notFiltered, pageTimesKept, release, otree } = facts;
  const table = renderTable(
    ['FILE', 'ROWS'],
    files.map(({ name, rows }) => [name, String(rows)]),
  );
  return [
    table,
    ...failed.map(({ name, error, at }) => `! ${name} is missing: the study's code failed with ${error} at ${at}.`),
    ...(pageTimesKept ? [] : ['! Page times of the last minutes may be missing: oTree did not answer.']),
    ...(anonymous ? ['Without labels and worker ids of participants. Not filtered, look before you share:'] : []),
    ...notFiltered.map((one) => `  ${one}`),
    `Written by v${release} (oTree ${otree}) of ${stack} to ${folder}`,
    ...(anonymous ? [] : ["It holds participants' data: keep it where only you can read it."]),
  ].join('\n');
}
