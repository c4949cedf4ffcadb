import { describe, expect, it } from 'vitest';
import { actionsFor } from '../../../../src/cli/tui/model/actions.ts';
import type { ExperimentStatus } from '../../../../src/core/index.ts';
import { aRelease } from '../../tui/support/states.ts';
import { talkOf, trust } from '../support/talks.ts';

describe('going back', () => {
  it('offers the releases that served, with when, by whom and whether they fit the data', () => {
    const talk = talkOf(trust);
    const number = actionsFor(trust).findIndex(({ id }) => id === 'rollback') + 1;
    talk.answer('1');
    expect(talk.answer(String(number))).toEqual(['Reading the releases of trust-game.']);

    const told = talk.tell({
      kind: 'study-read',
      stack: 'trust-game',
      status: { parts: [] } as unknown as ExperimentStatus,
      people: undefined,
      releases: [aRelease(3, { serving: true }), aRelease(2, { fits: 'other-pages' })],
    });

    expect(told).toEqual([
      'Which release of trust-game shall run again? Its data stays as it is.',
      '1. Release 2, 10 days ago by ada, registry.test/lab/trust-game:v2: its pages are others; its trial tells whom that would move.',
      'Type a number, or back. Nothing changes yet: what would is told next.',
    ]);
    talk.answer('1');
    expect(talk.effects.at(-1)).toMatchObject({ asked: { verb: 'rollback', to: 2 } });
  });
});
