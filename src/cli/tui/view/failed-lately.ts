import type { Activity } from '../../../core/index.ts';
import type { TuiState } from '../model/state.ts';
import { keyOf, tabs } from '../model/tabs.ts';
import { ageOf, agesAt } from './age.ts';
import { cutLine, type Line, line, spread, widthOfLine } from './line.ts';
import { glyph, type Look } from './look.ts';

const latelyMs = 12 * 60 * 60_000;

/** What failed lately and was not mended since: whoever was away learns of it on the list. Undefined where nothing did. */
export function failedLately(state: TuiState, columns: number, look: Look): Line | undefined {
  const failed = newestOfEach(state.activity).find(
    ({ state: outcome, endedAt = '', cancelledBy }) =>
      outcome === 'failed' && cancelledBy === undefined && agesAt(state) - Date.parse(endedAt) < latelyMs,
  );
  if (!failed) return undefined;
  const { stack, verb, endedAt = '', error } = failed;
  const why = error ? `: ${error.why ?? error.what}` : '';
  const told = line({
    text: ` ${glyph('failed', look)} ${stack}: ${verb} failed ${ageOf(endedAt, state)} ago${why}`,
    color: 'red',
  });
  const activity = tabs.find(({ name }) => name === 'activity');
  const more = activity && columns >= 80 ? line({ text: `  ${keyOf(activity)}`, bold: true }, ' says more ') : [];
  return spread(cutLine(told, columns - widthOfLine(more)), more, columns);
}

/** It comes newest first. */
function newestOfEach(activity: readonly Activity[]): readonly Activity[] {
  return activity.filter(({ stack }, index) => activity.findIndex((one) => one.stack === stack) === index);
}
