import { counted } from '../../../core/index.ts';
import { formatAge, formatBytes, formatTime } from '../../render/format.ts';
import {
  type BackupsScreen,
  type ListedBackup,
  listedBackups,
  noBackupYet,
  stacksOf,
  whoseOf,
} from '../model/screens/backups.ts';
import type { TuiState } from '../model/state.ts';
import { cutMiddle } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { type Cell, emptyLine, fact, type Line, line } from './line.ts';
import { type Column, drawList, type ListLook } from './list.ts';
import { glyph, type Look } from './look.ts';
import { waitingLines } from './waiting.ts';

const age: Column<ListedBackup> = {
  heading: 'Age',
  width: 6,
  align: 'right',
  cell: ({ backup }, { now }) => formatAge(backup.takenAt, new Date(now)),
};
const made: Column<ListedBackup> = { heading: 'Made', width: 14, cell: ({ backup }) => backup.reason ?? '' };
const rows: Column<ListedBackup> = {
  heading: 'Rows',
  width: 7,
  align: 'right',
  cell: ({ backup }) => String(backup.rows),
};
const size: Column<ListedBackup> = {
  heading: 'Size',
  width: 7,
  align: 'right',
  cell: ({ backup }) => formatBytes(backup.bytes),
};
const verified: Column<ListedBackup> = {
  heading: 'Verified',
  width: 10,
  cell: ({ backup }, { now }, look) => verifiedOf(backup.verifiedAt, now, look),
};
const taken: Column<ListedBackup> = {
  heading: 'Taken',
  width: 'rest',
  atMost: 16,
  cell: ({ backup }) => formatTime(backup.takenAt),
};
const experiment: Column<ListedBackup> = {
  heading: 'Experiment',
  width: 'rest',
  atMost: 40,
  keepsEnd: true,
  cell: ({ stack }) => stack,
};

const ofOne: ListLook<ListedBackup, BackupsScreen> = {
  listed: listedBackups,
  columns: [taken, { ...age, from: 72 }, made, { ...rows, from: 64 }, size, verified],
  preview,
  empty: nothingToShow,
};
const ofAll: ListLook<ListedBackup, BackupsScreen> = {
  ...ofOne,
  columns: [experiment, age, { ...made, from: 68 }, { ...rows, from: 76 }, size, verified],
};

export const backupsBody: DrawBody<'backups'> = (state, screen, layout, look): Body => {
  const { body, summary } = drawList(screen.of === 'all' ? ofAll : ofOne, state, screen, { layout, look });
  const into = glyph('into', look);
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server} ${into} Backups of ${whoseOf(screen)}`),
    body,
    summary: summary ?? summaryLine(state, screen),
  };
};

function verifiedOf(verifiedAt: string | undefined, now: number, look: Look): Cell {
  if (verifiedAt === undefined) return { text: `${glyph('attention', look)} never`, color: 'yellow' };
  return { text: `${glyph('ok', look)} ${formatAge(verifiedAt, new Date(now))}`, color: 'green' };
}

function nothingToShow(state: TuiState, screen: BackupsScreen, look: Look): readonly Line[] {
  const stacks = stacksOf(state, screen);
  const failed = stacks.map((stack) => state.backups[stack]).find((found) => found?.kind === 'failed');
  if (screen.pending.length > 0) {
    return [
      emptyLine,
      line(`  Looking for the backups of ${whoseOf(screen)}: a small job on the server, 1 to 2 s each…`),
    ];
  }
  if (failed) return [emptyLine, ...errorLines(failed.error, roomBelow(state), look)];
  const waiting = state.studies ? undefined : waitingLines(state, 'its experiments', look);
  if (waiting) return waiting;
  return [
    emptyLine,
    line({ text: `  ${noBackupYet(screen)}`, bold: true }),
    emptyLine,
    line('  One is made each night by the keeper, before every reset or restore,'),
    line('  and whenever somebody asks for one on the screen of the experiment.'),
  ];
}

function preview({ stack, backup }: ListedBackup, { now }: TuiState, width: number, look: Look): readonly Line[] {
  const { id, takenAt, verifiedAt, reason, release, image, otree, postgres } = backup;
  const wide = 13;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Taken', `${formatTime(takenAt)}, ${formatAge(takenAt, new Date(now))} ago`],
    ['Made', reason],
    ['Participants', `${backup.participants} in ${backup.sessions} sessions`],
    ['Rows', String(backup.rows)],
    ['Size', formatBytes(backup.bytes)],
    ['Database', backup.databaseBytes === undefined ? undefined : formatBytes(backup.databaseBytes)],
    ['Release', release === undefined ? undefined : `v${release}`],
    ['Image', image && cutMiddle(image, width - wide)],
    ['oTree', otree],
    ['Postgres', postgres],
  ];
  return [
    line({ text: cutMiddle(stack, width), bold: true }),
    line({ text: cutMiddle(id, width), dim: true }),
    emptyLine,
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [fact(name, value, wide)])),
    fact('Verified', verifiedOf(verifiedAt, now, look), wide),
  ];
}

function summaryLine(state: TuiState, screen: BackupsScreen): Line {
  const stacks = stacksOf(state, screen);
  const read = stacks.flatMap((stack) => {
    const found = state.backups[stack];
    return found?.kind === 'read' ? [found.list] : [];
  });
  const failed = stacks.filter((stack) => state.backups[stack]?.kind === 'failed').length;
  const count = read.reduce((sum, { backups }) => sum + backups.length, 0);
  const [one] = screen.of === 'all' ? [] : read;
  const [aside] = one?.archives ?? [];
  const parts = [
    ...(read.length > 0 ? [counted(count, 'backup')] : []),
    ...(one ? [`${formatBytes(one.freeBytes)} free`] : []),
    ...(screen.pending.length > 0 ? [`looking, ${screen.pending.length} to go`] : []),
    ...(failed > 0 ? [`${failed} could not be looked into`] : []),
    ...(aside ? [`set aside by the ${aside.reason} ${formatAge(aside.at, new Date(state.now))} ago: undo`] : []),
  ];
  return parts.length === 0 ? emptyLine : line(` ${parts.join(' · ')}`);
}
