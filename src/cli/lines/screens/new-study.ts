import { fieldOf } from '../../tui/model/field.ts';
import { stay } from '../../tui/model/next.ts';
import { type NewStudyScreen, objectionTo } from '../../tui/model/screens/new-study.ts';
import { topScreen } from '../../tui/model/state.ts';
import { type Say, typeLine } from '../spoken.ts';

export const sayNewStudy: Say<'new-study'> = () => ({
  told: [
    'A new experiment. The name becomes the first part of its address, and people will type it.',
    'It has 3 to 24 of a to z, 0 to 9 and single dashes.',
  ],
  choices: [],
  asks: 'Type its name, or back. Nothing changes yet: its image is asked for next.',
  refusedWith: 'name-invalid',
  takes(state, text) {
    const objection = objectionTo(state, { ...(topScreen(state) as NewStudyScreen), field: fieldOf(text) });
    return objection === undefined ? typeLine(text)(state) : stay({ ...state, notice: objection });
  },
});
