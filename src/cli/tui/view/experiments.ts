import { describeStep } from '../../../core/index.ts';
import { sandboxName } from '../../sandbox/name.ts';
import { type ExperimentsScreen, listedStudies } from '../model/screens/experiments.ts';
import type { Study, TuiState } from '../model/state.ts';
import { ageOf } from './age.ts';
import type { Body, DrawBody } from './bodies.ts';
import { type Cell, emptyLine, fact, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { glyph, type Look, mayBeOld, stateOf } from './look.ts';
import { cut, cutAuthor, cutMiddle } from './text.ts';
import { waitingLines } from './waiting.ts';

const studies: ListLook<Study, ExperimentsScreen> = {
  listed: listedStudies,
  columns: [
    {
      heading: 'Experiment',
      width: 'rest',
      atMost: 40,
      keepsEnd: true,
      cell: ({ stack }, state) => faded(stack, state),
    },
    { heading: 'State', width: 16, cell: (study, state, look) => stateOf(study, state, look).cell },
    {
      heading: 'People',
      width: 6,
      align: 'right',
      from: 50,
      cell: ({ people }, state) => faded(people === undefined ? '–' : String(people), state),
    },
    {
      heading: 'Release',
      width: 8,
      from: 58,
      cell: ({ release }, state) => faded(release > 0 ? `v${release}` : '–', state),
    },
    {
      heading: 'Changed',
      width: 8,
      from: 70,
      cell: ({ changedAt }, state) => faded(ageOf(changedAt, state), state),
    },
  ],
  preview,
  empty: (state, _, look) => (state.studies ? noStudies(look) : (waitingLines(state, 'its experiments', look) ?? [])),
};

export const experimentsBody: DrawBody<'experiments'> = (state, screen, layout, look): Body => {
  const { body, summary } = drawList(studies, state, screen, { layout, look });
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server}`),
    body,
    summary: summary ?? cutOffLine(state) ?? (state.studies ? summaryLine(state.studies, state) : emptyLine),
  };
};

function faded(text: string, state: TuiState): Cell | string {
  return mayBeOld(state) ? { text, dim: true } : text;
}

/** Nobody needs to be afraid for those who take part. */
function cutOffLine({ link }: TuiState): Line | undefined {
  return link.kind === 'offline'
    ? line({ text: '   Experiments go on running on the server. Only this view is cut off.', dim: true })
    : undefined;
}

function noStudies(look: Look): readonly Line[] {
  return [
    emptyLine,
    line({ text: '  No experiments here yet.', bold: true }),
    emptyLine,
    line('  Deploy one from a shell:'),
    line(`  ${glyph('cursor', look)} oforest deploy my-experiment --image REGISTRY/IMAGE:TAG`),
  ];
}

function preview(study: Study, state: TuiState, width: number, look: Look): readonly Line[] {
  const { stack, url, release, owner, image, changedAt, people, busy } = study;
  const facts = [
    fact('People now', people === undefined ? '–' : String(people), 12),
    fact('Release', `v${release}, ${ageOf(changedAt, state)} ago`, 12),
    fact('Image', cutMiddle(image, width - 12), 12),
    ...(owner ? [fact('Owner', cutAuthor(owner, width - 12), 12)] : []),
    ...(busy ? [fact('At work', cutAuthor(`${busy.verb} by ${busy.by}`, width - 12), 12)] : []),
    ...(busy?.step ? [fact('At', cut(describeStep(busy.step), width - 12), 12)] : []),
  ];
  const told = state.details[stack]?.people;
  return [
    line({ text: cutMiddle(stack, width - 18), bold: true }, '  ', stateOf(study, state, look).cell),
    emptyLine,
    line({ text: cutMiddle(url, width), color: 'cyan' }),
    emptyLine,
    ...facts,
    ...(told ? [emptyLine, line(cut(told, width))] : []),
  ];
}

function summaryLine(studies: readonly Study[], { server }: TuiState): Line {
  const people = studies.reduce((sum, study) => sum + (study.people ?? 0), 0);
  const inSessions = people > 0 ? ` · ${people} ${people === 1 ? 'person' : 'people'} in sessions` : '';
  const pretend = server === sandboxName ? ' · a pretend server: nothing here can do harm' : '';
  return line(` ${studies.length} ${studies.length === 1 ? 'experiment' : 'experiments'}${inSessions}${pretend}`);
}
