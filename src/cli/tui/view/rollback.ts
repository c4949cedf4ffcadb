import type { ReleaseSummary } from '../../../core/index.ts';
import { formatAge } from '../../render/format.ts';
import { chosenRelease, releasesToChoose } from '../model/screens/rollback.ts';
import { cutAuthor, cutMiddle, pad } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';
import { choiceLines, linesAround } from './typing.ts';

export const rollbackBody: DrawBody<'rollback'> = (state, screen, { columns, bodyRows }, look): Body => {
  const { stack } = screen.study;
  const choice = releasesToChoose(state, screen);
  const chosen = chosenRelease(state, screen);
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${stack} ${glyph('into', look)} Roll back`,
  );
  const summary = line({ text: ' Its data stays as it is. Nothing changes before the next screen.', dim: true });
  if (!choice || !chosen) {
    const error = state.details[stack]?.error;
    if (error) return { title, summary, body: [emptyLine, ...errorLines(error, roomBelow(state), look)] };
    const told = choice
      ? `There is no earlier release of ${stack} to go back to.`
      : `Reading the releases of ${stack}…`;
    return { title, summary, body: [emptyLine, line(`  ${told}`)] };
  }
  const labels = choice.map((release) => labelOf(release, state.now, columns - 4));
  const at = choice.indexOf(chosen);
  return {
    title,
    summary,
    body: [
      line('  Which release shall run again?'),
      emptyLine,
      ...linesAround(choiceLines(labels, at, look), at, bodyRows - 4),
      emptyLine,
      line({ text: `  v${chosen.release}: ${fitWords[chosen.fits ?? 'unknown']}`, color: 'cyan' }),
    ],
  };
};

function labelOf({ release, createdAt, author, image }: ReleaseSummary, now: number, width: number): string {
  const told = `${pad(`v${release}`, 6)} ${pad(`${formatAge(createdAt, new Date(now))} ago`, 11)} ${pad(cutAuthor(author, 16), 16)}  `;
  return `${told}${cutMiddle(image, Math.max(8, width - told.length))}`;
}

export const fitWords = {
  fits: 'it has the tables and pages of the data.',
  'other-pages': 'its pages are others; its trial tells whom that would move.',
  'other-tables': 'its tables are others; its trial tells whether they fit the data.',
  unknown: 'whether it fits the data is not known yet; its trial tells.',
} as const;
