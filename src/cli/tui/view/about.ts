import { counted, isDown } from '../../../core/index.ts';
import { outcomeWord } from '../../render/outcome-words.ts';
import { findStudy, type Screen, type Study, type TuiState } from '../model/state.ts';
import { meantOn } from '../model/study-meant.ts';
import { keyOf, tabs } from '../model/tabs.ts';
import { cutMiddle } from '../model/text.ts';
import { ageOf } from './age.ts';
import { emptyLine, type Line, line, spread, widthOfLine } from './line.ts';
import { type Look, stateOf } from './look.ts';

/**
 * The line below the title: the tabs where one of them is on top, and how the study is where a screen is about one. A
 * dialog leaves there what it was opened above.
 */
export function aboutLine(state: TuiState, columns: number, look: Look): Line {
  for (const screen of state.screens.toReversed()) {
    if (tabs.some(({ name }) => name === screen.name)) return tabsLine(state, screen);
    if (screen.name === 'palette' || screen.name === 'help') continue;
    const study = findStudy(state, meantOn(screen, state));
    if (study) return studyLine(state, study, columns, look);
  }
  return emptyLine;
}

function tabsLine(state: TuiState, { name }: Screen): Line {
  return tabs.flatMap((tab): Line => {
    const badge = tab.badge?.(state);
    const text = `${keyOf(tab)} ${tab.label}${badge === undefined ? '' : ` (${badge})`}`;
    return [{ text: ' ' }, tab.name === name ? { text: `[${text}]`, bold: true } : { text }, { text: ' ' }];
  });
}

const leastOfUrl = 20;
const mostOfUrl = 44;

function studyLine(state: TuiState, study: Study, columns: number, look: Look): Line {
  const how = howItIs(state, study, look);
  const room = Math.max(leastOfUrl, Math.min(mostOfUrl, columns - widthOfLine(how) - 3));
  return spread(how, line({ text: ` ${cutMiddle(study.url, room)} `, color: 'cyan' }), columns);
}

/** " ● Running  Nobody is in a session." */
export function howItIs(state: TuiState, study: Study, look: Look): Line {
  return line(' ', stateOf(study, state, look).cell, `  ${peopleOf(state, study)}`);
}

function peopleOf({ details }: TuiState, { people, stack, state }: Study): string {
  // Nobody can be in one that does not run, whatever was read before.
  if (isDown(state)) return '';
  return details[stack]?.people || (people === undefined ? '' : `${inSession(people)}.`);
}

/** "24 people are in a session", without a full stop. */
export function inSession(people: number): string {
  return people === 0 ? 'Nobody is in a session' : `${counted(people, 'person is', 'people are')} in a session`;
}

/** "3 h ago, checked by a test restore": each is, before it counts as one. */
export function lastBackup({ backedUpAt }: Study, state: TuiState): string {
  return backedUpAt === undefined ? 'none known' : `${ageOf(backedUpAt, state)} ago, checked by a test restore`;
}

/** What was done to it last: "deploy failed, 4 d ago"; undefined where nobody knows of anything. */
export function lastDone({ stack }: Study, state: TuiState): string | undefined {
  const last = state.activity.find((activity) => activity.stack === stack);
  return last && `${last.verb} ${outcomeWord(last)}, ${ageOf(last.endedAt ?? last.startedAt, state)} ago`;
}
