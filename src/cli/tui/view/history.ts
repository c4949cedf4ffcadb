import { counted, type ReleaseSummary } from '../../../core/index.ts';
import { formatAge, formatTime } from '../../render/format.ts';
import { fitWord, type HistoryScreen, listedReleases, stateWord } from '../model/screens/history.ts';
import type { TuiState } from '../model/state.ts';
import { cutAuthor, cutMiddle } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { type Cell, type Color, emptyLine, fact, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { waitingLines } from './waiting.ts';

const releases: ListLook<ReleaseSummary, HistoryScreen> = {
  listed: listedReleases,
  columns: [
    { heading: 'Release', width: 7, cell: ({ release }) => `v${release}` },
    { heading: 'State', width: 11, cell: (release, _, look) => stateOf(release, look) },
    { heading: 'Age', width: 6, align: 'right', cell: ({ createdAt }, { now }) => formatAge(createdAt, new Date(now)) },
    { heading: 'Fits', width: 12, cell: fitWord },
    { heading: 'By', width: 'rest', atMost: 40, isPerson: true, cell: ({ author }) => author },
  ],
  preview,
  empty: (state, { stack }, look) => {
    const details = state.details[stack];
    if (details?.error) return [emptyLine, ...errorLines(details.error, roomBelow(state), look)];
    if (details) return [emptyLine, line(`  ${stack} has no releases yet.`)];
    return waitingLines({ ...state, asOf: undefined }, `the releases of ${stack}`, look) ?? [];
  },
};

export const historyBody: DrawBody<'history'> = (state, screen, layout, look): Body => {
  const { body, summary, shown } = drawList(releases, state, screen, { layout, look });
  const { total } = shown;
  return {
    title: line(
      { text: ' oForest', bold: true },
      ` ${glyph('into', look)} ${screen.stack} ${glyph('into', look)} History`,
    ),
    body,
    summary: summary ?? (total === 0 ? emptyLine : line(` ${counted(total, 'release')} kept`)),
  };
};

const marks: Readonly<Record<ReleaseSummary['state'], { sign: Glyph; color?: Color }>> = {
  stored: { sign: 'waiting' },
  applying: { sign: 'working', color: 'cyan' },
  proven: { sign: 'ok' },
  failed: { sign: 'failed', color: 'red' },
};

function stateOf(release: ReleaseSummary, look: Look): Cell {
  const { sign, color } = release.serving ? ({ sign: 'running', color: 'green' } as const) : marks[release.state];
  return { text: `${glyph(sign, look)} ${stateWord(release)}`, ...(color && { color }) };
}

function preview(release: ReleaseSummary, { now }: TuiState, width: number, look: Look): readonly Line[] {
  const { author, createdAt, image, digest, otree, source } = release;
  const wide = 9;
  const room = width - wide;
  return [
    line({ text: `v${release.release}`, bold: true }, '  ', stateOf(release, look)),
    emptyLine,
    fact('By', cutAuthor(author, room), wide),
    fact('Made', `${formatTime(createdAt)}, ${formatAge(createdAt, new Date(now))} ago`, wide),
    fact('Image', cutMiddle(image, room), wide),
    fact('Digest', digest.slice('sha256:'.length, 'sha256:'.length + 12), wide),
    ...(otree === '' ? [] : [fact('oTree', otree, wide)]),
    ...(source === undefined ? [] : [fact('As', `v${source}, which was rolled back to`, wide)]),
    ...(fitWord(release) === '' ? [] : [fact('Data', fitWord(release), wide)]),
  ];
}
