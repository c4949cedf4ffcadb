import { type ProposedImage, proposedImages } from '../model/screens/image.ts';
import type { TuiState } from '../model/state.ts';
import { cut, cutMiddle, pad } from '../model/text.ts';
import { ageOf } from './age.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';
import { choiceLines, linesAround, typing } from './typing.ts';

export const imageBody: DrawBody<'image'> = (state, screen, { columns, bodyRows }, look): Body => {
  const { study, field, at } = screen;
  const proposed = proposedImages(state, screen);
  const width = columns - 6;
  const head = [
    line('  Which image? Its name in the registry, with a tag or a digest.'),
    line(
      { text: `  ${glyph(at === undefined ? 'cursor' : 'waiting', look)} `, color: 'cyan' },
      ...typing(field.text, field.cursor, width, look),
    ),
    emptyLine,
    ...(proposed.length > 0 ? [line({ text: `  ${whereFrom(proposed)}`, dim: true })] : []),
  ];
  const labels = proposed.map(({ image, from }) => {
    const told = typeof from === 'string' ? from : releaseOf(from, state);
    const room = Math.max(10, width - 24);
    return `${pad(cutMiddle(image, room), room)}  ${cut(told, 22)}`;
  });
  return {
    title: line(
      { text: ' oForest', bold: true },
      ` ${glyph('into', look)} ${study.stack} ${glyph('into', look)} Deploy an image`,
    ),
    body: [...head, ...linesAround(choiceLines(labels, at, look), at ?? 0, bodyRows - head.length)],
    summary: line({ text: ' Nothing changes yet: the next screen says what would.', dim: true }),
  };
};

function whereFrom([first]: readonly ProposedImage[]): string {
  return typeof first?.from === 'string' ? 'Or one that another experiment runs:' : 'Or one that ran here before:';
}

function releaseOf(
  { release, createdAt, state: outcome }: Exclude<ProposedImage['from'], string>,
  state: TuiState,
): string {
  return `v${release}${outcome === 'failed' ? ', failed' : ''}, ${ageOf(createdAt, state)} ago`;
}
