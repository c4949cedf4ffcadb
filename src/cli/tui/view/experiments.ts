import { formatAge } from '../../render/format.ts';
import type { Layout } from '../model/layout.ts';
import { listRows, shownStudies, studyUnderCursor, topOf } from '../model/screens/experiments.ts';
import type { Study, TuiState } from '../model/state.ts';
import type { Body, DrawBody } from './bodies.ts';
import { beside, type Cell, emptyLine, fact, type Line, line } from './line.ts';
import { glyph, type Look, stateOf } from './look.ts';
import { cut, cutMiddle, pad } from './text.ts';

interface Column {
  readonly heading: string;
  readonly width: number;
  readonly align?: 'right';
  readonly cell: (study: Study, state: TuiState, look: Look) => Cell;
}

const previewWidth = 47;

export const experimentsBody: DrawBody<'experiments'> = (state, screen, layout, look): Body => {
  const title = line({ text: ' oForest', bold: true }, `  ${state.server}`);
  const shown = shownStudies(state, screen);
  if (!state.studies) return { title, body: waitingBody(state), summary: emptyLine };
  const summary = summaryLine(state.studies);
  if (shown.length === 0) return { title, body: emptyBody(state, screen.filter.text, look), summary };

  const listWidth = layout.kind === 'wide' ? layout.columns - previewWidth - 2 : layout.columns;
  const columns = columnsFor(listWidth);
  const top = topOf(state, screen);
  const under = studyUnderCursor(state, screen);
  const rows = shown
    .slice(top, top + listRows(state))
    .map((study) => row(study, study === under, { columns, state, look }));
  const list = [headings(columns), ...rows];
  const filtered = screen.isTyping || screen.filter.text !== '';
  const body = layout.kind === 'wide' && under ? beside(list, preview(under, state, layout, look), listWidth) : list;
  return { title, body, summary: filtered ? filterLine(screen.filter.text, shown.length, look) : summary };
};

function waitingBody({ server, link, now }: TuiState): readonly Line[] {
  if (link.kind === 'offline')
    return [emptyLine, line(`  ${server} does not answer: ${link.error.why ?? link.error.what}`)];
  const waits = link.kind === 'connecting' && now - link.since > 300;
  return waits ? [emptyLine, line(`  Asking ${server} for its experiments…`)] : [];
}

function emptyBody({ studies }: TuiState, filter: string, look: Look): readonly Line[] {
  if (filter !== '') return [emptyLine, line(`  Nothing matches “${filter}”. Esc shows all ${studies?.length ?? 0}.`)];
  return [
    emptyLine,
    line({ text: '  No experiments here yet.', bold: true }),
    emptyLine,
    line('  Deploy one from a shell:'),
    line(`  ${glyph('cursor', look)} oforest deploy my-experiment --image REGISTRY/IMAGE:TAG`),
  ];
}

/** What a narrow screen leaves out first: the owner, then the age, then the release, then people. */
function columnsFor(width: number): readonly Column[] {
  const state: Column = { heading: 'State', width: 16, cell: (study, tui, look) => stateOf(study, tui, look).cell };
  const people: Column = {
    heading: 'People',
    width: 6,
    align: 'right',
    cell: ({ people }) => ({ text: people === undefined ? '–' : String(people) }),
  };
  const release: Column = {
    heading: 'Release',
    width: 8,
    cell: ({ release }) => ({ text: release > 0 ? `v${release}` : '–' }),
  };
  const changed: Column = {
    heading: 'Changed',
    width: 8,
    cell: ({ changedAt }, { now }) => ({ text: formatAge(changedAt, new Date(now)) }),
  };
  const rest = [
    state,
    ...(width >= 50 ? [people] : []),
    ...(width >= 58 ? [release] : []),
    ...(width >= 70 ? [changed] : []),
  ];
  const taken = rest.reduce((sum, column) => sum + column.width + 2, 3);
  const name: Column = {
    heading: 'Experiment',
    width: Math.max(8, Math.min(40, width - taken)),
    cell: ({ stack }) => ({ text: stack }),
  };
  return [name, ...rest];
}

function headings(columns: readonly Column[]): Line {
  return line(
    '   ',
    ...columns.flatMap(({ heading, width, align }) => [{ text: pad(heading, width, align), dim: true as const }, '  ']),
  );
}

function row(
  study: Study,
  isUnderCursor: boolean,
  { columns, state, look }: { columns: readonly Column[]; state: TuiState; look: Look },
): Line {
  const cells = columns.flatMap(({ width, align, cell, heading }): (Cell | string)[] => {
    const drawn = cell(study, state, look);
    const text = heading === 'Experiment' ? pad(cutMiddle(drawn.text, width), width) : pad(drawn.text, width, align);
    return [{ ...drawn, text, ...(isUnderCursor && { bold: true as const }) }, '  '];
  });
  return line(isUnderCursor ? { text: `${glyph('cursor', look)}  `, bold: true } : '   ', ...cells);
}

function preview(study: Study, state: TuiState, { bodyRows }: Layout, look: Look): readonly Line[] {
  const { stack, url, release, owner, image, changedAt, people, busy } = study;
  const width = previewWidth - 3;
  const facts = [
    fact('People now', people === undefined ? '–' : String(people), 12),
    fact('Release', `v${release}, ${formatAge(changedAt, new Date(state.now))} ago`, 12),
    fact('Image', cutMiddle(image, width - 12), 12),
    ...(owner ? [fact('Owner', cut(owner, width - 12), 12)] : []),
    ...(busy ? [fact('At work', cut(`${busy.by}: ${busy.verb}`, width - 12), 12)] : []),
  ];
  const told = state.details[stack]?.people;
  const lines = [
    line({ text: cutMiddle(stack, width - 18), bold: true }, '  ', stateOf(study, state, look).cell),
    emptyLine,
    line({ text: cutMiddle(url, width), color: 'cyan' }),
    emptyLine,
    ...facts,
    ...(told ? [emptyLine, line(cut(told, width))] : []),
  ];
  const bar: Cell = { text: `${glyph('bar', look)} `, dim: true };
  return Array.from({ length: bodyRows }, (_, index) => [bar, ...(lines[index] ?? [])]);
}

function summaryLine(studies: readonly Study[]): Line {
  const people = studies.reduce((sum, study) => sum + (study.people ?? 0), 0);
  const inSessions = people > 0 ? ` · ${people} ${people === 1 ? 'person' : 'people'} in sessions` : '';
  return line(` ${studies.length} ${studies.length === 1 ? 'experiment' : 'experiments'}${inSessions}`);
}

function filterLine(filter: string, shown: number, look: Look): Line {
  return line({ text: ' / ', color: 'cyan' }, `${filter}${glyph('typing', look)}   ${shown} shown`);
}
