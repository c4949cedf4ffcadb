import { describe, expect, it } from 'vitest';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { aReview, peopleSeen } from '../support/reviews.ts';
import { aStudy, aTuiState } from '../support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../support/walk.ts';

const study = aStudy({ experiment: 'trust-game' });
const list = () => walkFrom(aTuiState({ studies: [study] }));

/** The server answers the review that was asked for last. */
function answered(walk: Walk, people = 0): Walk {
  const review = effectsOf(walk, 'review').at(-1);
  if (!review) throw new Error('no review was asked for');
  const { serial, asked } = review;
  return walk.hear({ kind: 'reviewed', serial, review: aReview(asked), people: peopleSeen(study.stack, people) });
}

describe('keys typed before a question could be seen', () => {
  it('do not answer it', () => {
    const asked = answered(list().press('t', 'Down'));

    expect(effectsOf(asked.pressAtOnce('Enter'), 'start')).toEqual([]);
    expect(effectsOf(asked.press('Enter'), 'start')).toHaveLength(1);
  });

  it('do not answer the same question asked a second time', () => {
    const again = answered(answered(list().press('t')).press('Esc', 't'));

    expect(effectsOf(again.pressAtOnce('Enter'), 'start')).toEqual([]);
  });

  it('are no letters of a name that is asked for next', () => {
    const asked = answered(list().press('Enter', 'R'), 2).press('Down', 'Enter');
    const withReason = asked.type('the server burns').pressAtOnce('Enter', ...study.stack, 'Enter');

    expect(effectsOf(withReason, 'start')).toEqual([]);
    expect(topScreen(withReason.state)).toMatchObject({ phase: { stage: { kind: 'name', field: { text: '' } } } });
  });
});

describe('an answer to a review', () => {
  it('is not taken for another one that was opened meanwhile', () => {
    const first = list().press('t');
    const second = first.press('Esc', 's');
    const late = answered(walkFrom(second.state, first.effects));

    expect(topScreen(late.state)).toMatchObject({ asked: { verb: 'backup' }, phase: { kind: 'looking' } });
  });
});

describe('a failure', () => {
  const failed = () => list().hear({ kind: 'failed', error: { code: 'timed-out', what: 'asking', why: 'No answer.' } });
  const failure = ({ state }: { state: TuiState }) => state.failure?.code;

  it('stays whatever is pressed or said, until Esc', () => {
    const later = failed().press('Enter', 'Down', 'Left').hear({ kind: 'said', text: 'It is copied.' }).press('Down');

    expect(failure(later)).toBe('timed-out');
    expect(failure(later.press('Esc'))).toBeUndefined();
  });

  it('outlives the question whether to leave', () => {
    expect(failure(failed().press('Ctrl-C', 'Down'))).toBe('timed-out');
  });

  it('takes one Esc for itself: the screen stays', () => {
    const { state } = failed().press('Enter', 'Esc');

    expect(topScreen(state).name).toBe('study');
  });
});

describe('a notice', () => {
  it('is gone with the next key, and Esc does what it does without one', () => {
    const said = list().press('Enter').hear({ kind: 'said', text: 'It is copied.' });

    expect(said.press('Down').state.notice).toBeUndefined();
    expect(topScreen(said.press('Esc').state).name).toBe('experiments');
  });
});
