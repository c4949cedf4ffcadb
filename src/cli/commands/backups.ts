import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type BackupList,
  ExpectedError,
  listBackups,
  randomText,
  reviewBackup,
  reviewRestore,
  type Server,
  systemClock,
  withBackupFiles,
} from '../../core/index.ts';
import { downloadBackup, uploadBackup } from '../backup-transfer.ts';
import type { CliContext } from '../context.ts';
import { exclusive, needs } from '../flags.ts';
import { formatBytes, formatTime } from '../render/format.ts';
import { createProgress } from '../render/progress.ts';
import { renderTable } from '../render/table.ts';
import { type RunOptions, runReview, withGuardOptions, withRunOptions } from '../run-review.ts';
import { type Study, withStudy } from '../subject.ts';
import type { Run } from './run.ts';

export function registerBackupCommands(program: Command, run: Run): void {
  withRunOptions(program.command('backup <experiment>'))
    .description('a copy of the data, restored beside it and compared before it counts as a backup')
    .action((name: string, options: RunOptions) =>
      run((context) =>
        withStudy(name, context, (server, study) =>
          runReview(() => reviewBackup(study, server), options, server, context),
        ),
      ),
    );

  needs(program.command('backups <experiment>'), ['--backup'], ['--download'])
    .description('the backups of a study, and what resets set aside')
    .option('--download <folder>', 'fetch a backup into this folder: the dump, and its manifest beside it')
    .option('--backup <id>', 'with --download: which one to fetch; default: the newest')
    .action((name: string, options: { download?: string; backup?: string }) =>
      run((context) =>
        withStudy(name, context, (server, study) =>
          options.download === undefined
            ? showBackups(study, server, context)
            : download(study, { folder: options.download, backup: options.backup }, server, context),
        ),
      ),
    );

  withGuardOptions(program.command('restore <experiment>'))
    .description('put a backup in the place of the data, which is backed up and set aside first')
    .option('--backup <id>', 'which one: `oforest backups EXP` lists them')
    .addOption(
      exclusive('--from <file>', 'instead: a dump that was downloaded, also of another study, its manifest beside it', [
        'backup',
      ]),
    )
    .action((name: string, options: RunOptions & { backup?: string; from?: string }) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { backup: named, from } = options;
          const backup =
            from === undefined ? (named ?? backupMissing(name)) : await upload(study, from, server, context);
          const look = () => reviewRestore({ ...study, backup, foreign: from !== undefined }, server);
          await runReview(look, options, server, context);
        }),
      ),
    );
}

async function showBackups({ stack }: Study, server: Server, context: CliContext): Promise<void> {
  const list = await listBackups(stack, lookNeeds(server, context));
  context.output.answer({
    json: { stack, ...list },
    text: renderBackups(stack, list),
    rows: list.backups.map(({ id, takenAt, reason, rows, bytes }) => [
      id,
      takenAt,
      reason ?? '',
      String(rows),
      String(bytes),
    ]),
  });
}

function renderBackups(stack: string, { backups, archives, freeBytes }: BackupList): string {
  if (backups.length === 0 && archives.length === 0)
    return `${stack} has no backup yet. Make one: oforest backup ${stack}`;
  const lines = backups.map(({ id, takenAt, reason, participants, rows, bytes, release }) => [
    id,
    formatTime(takenAt),
    reason ?? '',
    release === undefined ? '' : `v${release}`,
    String(participants),
    String(rows),
    formatBytes(bytes),
  ]);
  const table = renderTable(['BACKUP', 'TIME', 'MADE', 'RELEASE', 'PARTICIPANTS', 'ROWS', 'SIZE'], lines);
  const [newest] = archives;
  const aside = newest
    ? [`Set aside by the ${newest.reason} of ${formatTime(newest.at)}: oforest undo ${stack} brings it back.`]
    : [];
  return [...(lines.length > 0 ? [table] : []), ...aside, `Free on that disk: ${formatBytes(freeBytes)}.`].join('\n');
}

async function download(
  { stack }: Study,
  { folder, backup }: { folder: string; backup: string | undefined },
  server: Server,
  context: CliContext,
): Promise<void> {
  const needs = lookNeeds(server, context);
  const id = backup ?? (await listBackups(stack, needs)).backups[0]?.id;
  if (id === undefined)
    throw new ExpectedError('backup-not-found', `downloading a backup of ${stack}`, {
      why: 'There is none yet.',
      now: 'Nothing was changed.',
      hint: `Make one first: \`oforest backup ${stack}\`.`,
    });
  const progress = createProgress(`Downloading ${id}`, context);
  const path = await withBackupFiles(
    stack,
    (files) => downloadBackup(id, resolve(folder), files, progress.show),
    needs,
  ).finally(progress.end);
  context.output.answer({
    json: { stack, outcome: 'downloaded', backup: id, path },
    text: `${path}\nIts hash is that of its manifest. It holds participants' data: keep it where only you can read it.`,
    rows: [[id, path]],
  });
}

async function upload({ stack }: Study, file: string, server: Server, context: CliContext): Promise<string> {
  const path = resolve(file);
  const progress = createProgress(`Uploading ${path}`, context);
  return await withBackupFiles(
    stack,
    (files) => uploadBackup(path, files, progress.show),
    lookNeeds(server, context),
  ).finally(progress.end);
}

function lookNeeds({ swarm }: Server, { signal }: CliContext) {
  return { swarm, clock: systemClock, random: randomText, signal };
}

function backupMissing(name: string): never {
  throw new ExpectedError('usage-wrong', `restoring ${name}`, {
    why: 'It is not said which backup to restore.',
    now: 'Nothing was changed.',
    hint: `Name one with --backup (\`oforest backups ${name}\` lists them), or a downloaded file with --from.`,
  });
}
