import type { ServerCheck } from '../../../core/index.ts';
import { formatAge } from '../../render/format.ts';
import { failureIn } from '../model/layout.ts';
import { type CheckScreen, checkCommand, checksOf, listedChecks, outcomeWords } from '../model/screens/check.ts';
import type { TuiState } from '../model/state.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { type Cell, type Color, emptyLine, fitHeight, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';

const readableWidth = 100;

const checks: ListLook<ServerCheck, CheckScreen> = {
  listed: listedChecks,
  columns: [
    { heading: 'Check', width: 11, cell: ({ name }) => name.replace('-', ' ') },
    { heading: 'Outcome', width: 11, cell: (check, _, look) => outcomeOf(check, look) },
    { heading: 'Found', width: 'rest', cell: ({ sentence }) => sentence },
  ],
  empty: (state, _, look) => {
    const { server, link, serverLook } = state;
    // Why it is not reached at all says more than that a look at it came to nothing.
    const failed = link.kind === 'offline' ? link : serverLook.found?.kind === 'failed' ? serverLook.found : undefined;
    if (failed && failed.error === failureIn(state)) return [];
    return failed
      ? [emptyLine, ...errorLines(failed.error, roomBelow(state), look)]
      : [emptyLine, line(`  Asking ${server} how everything is that studies stand on…`)];
  },
};

export const checkBody: DrawBody<'check'> = (state, screen, layout, look): Body => {
  const { body, summary, shown } = drawList(checks, state, screen, { layout, look });
  const below = shown.under ? toDo(shown.under, Math.min(layout.columns, readableWidth) - 4) : [];
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server} ${glyph('into', look)} Server check`),
    body: shown.total === 0 ? body : [...fitHeight(body, shown.height + 1), emptyLine, ...below],
    summary: summary ?? summaryLine(state),
    more: sameAsLines(checkCommand(state), layout, { isCopied: false }).summary,
  };
};

const marks: Readonly<Record<ServerCheck['outcome'], { sign: Glyph; color: Color }>> = {
  ok: { sign: 'ok', color: 'green' },
  warning: { sign: 'attention', color: 'yellow' },
  failed: { sign: 'failed', color: 'red' },
};

function outcomeOf({ outcome }: ServerCheck, look: Look): Cell {
  const { sign, color } = marks[outcome];
  return { text: `${glyph(sign, look)} ${outcomeWords[outcome]}`, color };
}

/** The whole sentence, for which there is no room in the list, and what to do. */
function toDo({ sentence, hint }: ServerCheck, width: number): readonly Line[] {
  const found = wrap(sentence, width).map((text) => line(`  ${text}`));
  if (hint === undefined) return found;
  return [
    ...found.slice(0, 2),
    ...wrap(hint, width - 7).map((text, index) =>
      line({ text: index === 0 ? '  To do  ' : '         ', dim: true }, text),
    ),
  ];
}

function summaryLine({ serverLook, now }: TuiState): Line {
  const { found, isLooking } = serverLook;
  if (!found) return emptyLine;
  const all = checksOf(serverLook);
  const counts = (['ok', 'warning', 'failed'] as const)
    .map((outcome) => ({ outcome, count: all.filter((check) => check.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcomeWords[outcome].toLowerCase()}`);
  const when = isLooking
    ? 'Checking again…'
    : `Checked ${formatAge(new Date(found.at).toISOString(), new Date(now))} ago`;
  return line(` ${[when, ...(counts.length > 0 ? [counts.join(', ')] : [])].join(' · ')}`);
}
