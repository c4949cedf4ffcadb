import type { News } from '../../../../src/cli/tui/model/messages.ts';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import type { ErrorFacts, OperationEvent } from '../../../../src/core/index.ts';
import { aReview, peopleSeen } from '../../tui/support/reviews.ts';
import { aStudy, aTuiState, someNow } from '../../tui/support/states.ts';
import { type OpenTalk, openTalk } from './open-talk.ts';

export const trust = aStudy({ people: 2 });
export const dictator = aStudy({ experiment: 'dictator', state: 'stopped', release: 9 });
export const talkOf = (...studies: readonly (typeof trust)[]) => openTalk(aTuiState({ studies }));

export const compared = (...studies: readonly (typeof trust)[]): Extract<News, { kind: 'compared' }> => ({
  ...{ kind: 'compared', studies, activity: [], at: someNow },
});

/** Answers the review that was asked for, as the server would. */
export function reviewed(talk: OpenTalk, people = 0): readonly string[] {
  const wanted = talk.effects.findLast(({ kind }) => kind === 'review');
  if (wanted?.kind !== 'review') throw new Error('no review was asked for');
  const { serial, asked } = wanted;
  const { stack } = asked.study;
  return talk.tell({ kind: 'reviewed', serial, review: aReview(asked), people: peopleSeen(stack, people) });
}

export function started(talk: OpenTalk): readonly string[] {
  const { serial } = topScreen(talk.state);
  return talk.tell({ kind: 'started', serial, operation: 'op00000001', where: 'keeper' });
}

export function happens(talk: OpenTalk, ...events: readonly (Partial<OperationEvent> & { kind: string })[]) {
  const { serial } = topScreen(talk.state);
  return talk.tell(
    ...events.map((event) => {
      const whole = { at: new Date(someNow).toISOString(), operation: 'op00000001', ...event } as OperationEvent;
      return { kind: 'event', serial, event: whole } as const;
    }),
  );
}

/** As it is when a deployment of the only study was asked for. */
export function askedToDeploy(people: number): { talk: OpenTalk; told: readonly string[] } {
  const talk = talkOf(trust);
  for (const line of ['1', '1', '1']) talk.answer(line);
  return { talk, told: reviewed(talk, people) };
}

export const failed: ErrorFacts = {
  code: 'image-not-found',
  what: 'pulling the image registry.test/lab/trust-game:v9',
  why: 'The registry has no such tag.',
  now: 'Release 3 goes on running.',
  hint: 'Check the tag.',
};
