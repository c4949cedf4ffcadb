import { describe, expect, it } from 'vitest';
import { actions, actionsFor, begin } from '../../../../src/cli/tui/model/actions.ts';
import { aStudy, aTuiState } from '../../tui/support/states.ts';
import { dictator, talkOf, trust } from '../support/talks.ts';

describe('an experiment', () => {
  it('is told in sentences, with everything that can be done, what asks for the name last', () => {
    expect(talkOf(trust).answer('1')).toEqual([
      'trust-game is running.',
      '2 people are in a session.',
      'Address: https://trust-game.lab.test',
      'Release 3, 2 days ago, of the image registry.test/lab/trust-game:v3.',
      ...actionsFor(trust).map(
        (action, index) =>
          `${index + 1}. ${action.label(trust, aTuiState()).replace(/…$/, '').replace('Copy', 'Read out')}${action.tier === 'final' ? '. Asks for its name first.' : ''}`,
      ),
      'Type a number or its words, back, help, or quit.',
    ]);
  });

  describe.each(actions.map((action) => [action.id, action] as const))('offers %s', (_, action) => {
    const busy = aStudy({ busy: { operation: 'op1', verb: 'backup', by: 'jonas' } });
    const study = [trust, dictator, aStudy({ state: 'deleted' }), busy].find((one) => action.fits(one));
    if (!study) throw new Error('no study fits');
    const number = actionsFor(study).indexOf(action) + 1;

    it.each([
      ['number', () => String(number)],
      ['words', (menu: readonly string[]) => menu.find((line) => line.startsWith(`${number}. `))?.slice(3) ?? ''],
    ])('by its %s', (_, answerFrom) => {
      const talk = talkOf(study);
      const menu = talk.answer('1');
      const [before, effectsBefore] = [talk.state, talk.effects.length];

      talk.answer(answerFrom(menu));

      const { state, effects } = begin(action, before, study);
      expect(talk.state.screens).toEqual(state.screens);
      expect(talk.effects.slice(effectsBefore)).toEqual(effects);
    });
  });

  it('takes one word for what it can mean alone, and asks where it can mean more', () => {
    const talk = talkOf(trust);
    talk.answer('1');

    expect(talk.answer('the data')).toEqual([
      '"the data" could be more than one:',
      '8. Back up the data now',
      '10. Export the data',
      '14. Reset the data. Asks for its name first.',
      'Type a number or its words, back, help, or quit.',
    ]);
    expect(talk.answer('restart')[0]).toBe('Looking at what the restart of trust-game would change.');
  });

  it('says each time why something cannot be done now', () => {
    const busy = aStudy({ busy: { operation: 'op1', verb: 'backup', by: 'jonas' } });
    const talk = talkOf(busy);
    expect(talk.answer('1')).toContain('jonas is at work on it: backup.');

    const told = [
      'Deploy an image: jonas is at work on it: backup.',
      'Type a number or its words, back, help, or quit.',
    ];
    expect(talk.answer('2')).toEqual(told);
    expect(talk.answer('2')).toEqual(told);
  });
});
