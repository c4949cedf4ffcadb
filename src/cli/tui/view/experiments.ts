import { counted, describeStep } from '../../../core/index.ts';
import { sandboxName } from '../../sandbox/name.ts';
import { actionsFor, generalActions } from '../model/actions.ts';
import { isUnprepared, prepareCommand } from '../model/screens/check.ts';
import { type ExperimentsScreen, listedStudies } from '../model/screens/experiments.ts';
import { oforestOn } from '../model/shown-server.ts';
import type { Study, TuiState } from '../model/state.ts';
import { cut, cutAuthor, cutMiddle, pad, wrap } from '../model/text.ts';
import { lastBackup, lastDone } from './about.ts';
import { ageOf } from './age.ts';
import type { Body, DrawBody } from './bodies.ts';
import { type Cell, emptyLine, fact, heading, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { glyph, type Look, mayBeOld, stateOf } from './look.ts';
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
    { heading: 'State', width: 20, cell: (study, state, look) => stateOf(study, state, look).cell },
    {
      heading: 'People',
      width: 6,
      align: 'right',
      from: 50,
      cell: ({ people }, state) => faded(people === undefined ? '–' : String(people), state),
    },
    {
      heading: 'Release',
      width: 9,
      from: 66,
      cell: (study, state, look) => faded(releaseOf(study, look), state),
    },
    {
      heading: 'Changed',
      width: 7,
      from: 70,
      cell: ({ changedAt }, state) => faded(ageOf(changedAt, state), state),
    },
    {
      heading: 'Backup',
      width: 6,
      from: 78,
      cell: ({ backedUpAt }, state) => faded(backedUpAt === undefined ? '–' : ageOf(backedUpAt, state), state),
    },
  ],
  preview,
  previewWidth: (columns) => (columns < 140 ? 38 : 47),
  empty: (state, _, look) =>
    state.studies ? noStudies(state, look) : (waitingLines(state, 'its experiments', look) ?? []),
};

export const experimentsBody: DrawBody<'experiments'> = (state, screen, layout, look): Body => {
  const { body, summary } = drawList(studies, state, screen, { layout, look });
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server}`),
    body,
    summary: summary ?? cutOffLine(state) ?? (state.studies ? summaryLine(state.studies, state) : emptyLine),
  };
};

/** "v3", and "v3 → v4" while another one is on its way. */
function releaseOf({ release, busy }: Study, look: Look): string {
  const now = release > 0 ? `v${release}` : '';
  const next = busy?.release !== undefined && busy.release !== release ? `v${busy.release}` : '';
  return [now, next].filter(Boolean).join(` ${glyph('becomes', look)} `) || '–';
}

function faded(text: string, state: TuiState): Cell | string {
  return mayBeOld(state) ? { text, dim: true } : text;
}

/** Nobody needs to be afraid for those who take part. */
function cutOffLine({ link }: TuiState): Line | undefined {
  return link.kind === 'offline'
    ? line({ text: '   Experiments go on running on the server. Only this view is cut off.', dim: true })
    : undefined;
}

/** What to do next, while there is nothing to see. */
function noStudies(state: TuiState, look: Look): readonly Line[] {
  const command = (text: string) => line({ text: `  ${glyph('cursor', look)} ` }, text);
  if (isUnprepared(state))
    return [
      emptyLine,
      line({ text: '  This server was never prepared for studies.', bold: true }),
      emptyLine,
      line({ text: '  Enter', bold: true }, '  Prepare it; what would change is shown first'),
      emptyLine,
      line('  As a command:'),
      command(prepareCommand(state)),
      line('  The guide: docs/guide-admins.md'),
    ];
  return [
    emptyLine,
    line({ text: '  No experiments here yet.', bold: true }),
    emptyLine,
    ...generalActions.map(({ key, label }) => line({ text: `  ${key}`, bold: true }, `  ${label}`)),
    emptyLine,
    line('  As a command:'),
    command(`${oforestOn(state)} deploy my-experiment --image REGISTRY/IMAGE:TAG`),
    line('  The guide, with what an image needs: docs/guide-researchers.md'),
  ];
}

function preview(study: Study, state: TuiState, width: number, look: Look): readonly Line[] {
  const { stack, url, release, owner, image, changedAt, people, busy } = study;
  const last = busy ? undefined : lastDone(study, state);
  const facts = (name: string, text: string) =>
    wrap(text, width - 12).map((part, index) => fact(index === 0 ? name : '', part, 12));
  const known = [
    fact('People now', people === undefined ? '–' : String(people), 12),
    fact('Release', release > 0 ? `${releaseOf(study, look)}, ${ageOf(changedAt, state)} ago` : 'none yet', 12),
    fact('Image', cutMiddle(image, width - 12), 12),
    ...facts('Last backup', lastBackup(study, state)),
    ...(owner ? [fact('Owner', cutAuthor(owner, width - 12), 12)] : []),
    ...(busy ? [fact('At work', cutAuthor(`${busy.verb} by ${busy.by}`, width - 12), 12)] : []),
    ...(busy?.step ? [fact('At', cut(describeStep(busy.step), width - 12), 12)] : []),
    ...(last === undefined ? [] : facts('Last', last)),
  ];
  const told = state.details[stack]?.people;
  return [
    line({ text: cutMiddle(stack, width - 18), bold: true }, '  ', stateOf(study, state, look).cell),
    emptyLine,
    line({ text: cutMiddle(url, width), color: 'cyan' }),
    emptyLine,
    ...known,
    ...(told ? [emptyLine, line(cut(told, width))] : []),
    emptyLine,
    heading('Actions', width, look),
    ...actionLines(study, state, width),
  ];
}

/** What is done most; everything else stands on the screen of the study. */
function actionLines(study: Study, state: TuiState, width: number): readonly Line[] {
  const some = actionsFor(study).filter(({ tier }) => tier !== 'final');
  return [
    ...some.slice(0, 6).map((action) => {
      const text = cut(action.label(study, state), width - 3);
      const isBlocked = action.blocked?.(study, state) !== undefined;
      return line({ text: pad(action.key, 3), color: 'cyan' }, isBlocked ? { text, dim: true } : text);
    }),
    line({ text: pad('a', 3), color: 'cyan' }, 'All actions'),
  ];
}

function summaryLine(studies: readonly Study[], { server }: TuiState): Line {
  const people = studies.reduce((sum, study) => sum + (study.people ?? 0), 0);
  const inSessions = people > 0 ? ` · ${counted(people, 'person', 'people')} in sessions` : '';
  const pretend = server === sandboxName ? ' · a pretend server: nothing here can do harm' : '';
  return line(` ${counted(studies.length, 'experiment')}${inSessions}${pretend}`);
}
