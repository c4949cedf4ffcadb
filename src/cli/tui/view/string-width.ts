import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../model/text.ts';

/**
 * For the build, in the place of the package of that name: what Ink measures is as wide as what we measure, and the first
 * letter beyond ASCII does not compile the expression for all sequences of emoji, 30 ms of every start.
 */
export default function stringWidth(text: string): number {
  return widthOf(stripVTControlCharacters(text));
}
