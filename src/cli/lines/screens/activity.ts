import { counted, nounOfVerb } from '../../../core/index.ts';
import { outcomeWord } from '../../render/outcome-words.ts';
import { type ActivityScreen, isWait, listedActivity, runningOf } from '../../tui/model/screens/activity.ts';
import type { TuiState } from '../../tui/model/state.ts';
import { sayList } from '../listed.ts';
import type { Say } from '../spoken.ts';
import { agoInWords, timeInWords } from '../words.ts';

export const sayActivity: Say<'activity'> = (state, screen: ActivityScreen) =>
  sayList(state, screen, {
    listed: listedActivity,
    row: (row) => {
      const { stack, verb, startedAt } = row;
      const noun = nounOfVerb(verb);
      if (isWait(row)) {
        const label = `${noun} of ${stack}, waits for ${timeInWords(state.now - Date.parse(startedAt))} until nobody is in a session`;
        return { label, about: `wait ${row.id}` };
      }
      const { operation, by } = row;
      const word = outcomeWord(row);
      return {
        label: `${noun} of ${stack}, ${word}, by ${by}, ${agoInWords(startedAt, state.now)}`,
        about: operation,
        news: `The ${noun} of ${stack} by ${by} is now: ${word}.`,
      };
    },
    head: headOf(state),
    one: 'operation',
  });

function headOf(state: TuiState): string {
  const { activity, server, waits } = state;
  if (activity.length === 0 && waits.length === 0) return `Nothing was done on ${server} yet.`;
  return `Activity on ${server}. ${counted(activity.length, 'operation')}, ${runningOf(state).length} running${waits.length === 0 ? '' : `, ${waits.length} waiting for people`}.`;
}
