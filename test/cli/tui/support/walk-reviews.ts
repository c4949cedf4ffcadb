import type { ErrorFacts, PeopleSeen, Review } from '../../../../src/core/index.ts';
import { aReview, peopleSeen } from './reviews.ts';
import { effectsOf, type Walk } from './walk.ts';

/** The server answers the review that was asked for last. */
export function reviewed(walk: Walk, more: { people?: number | PeopleSeen; review?: Partial<Review> } = {}): Walk {
  const { serial, asked } = lastReview(walk);
  const { people = 0, review = {} } = more;
  const seen = typeof people === 'number' ? peopleSeen(asked.study.stack, people) : people;
  return walk.hear({ kind: 'reviewed', serial, review: aReview(asked, review), people: seen });
}

/** The server refuses what was asked of it last. */
export function refused(walk: Walk, error: Partial<ErrorFacts> & Pick<ErrorFacts, 'code'>): Walk {
  const { serial } = effectsOf(walk, 'start').at(-1) ?? lastReview(walk);
  return walk.hear({ kind: 'refused', serial, error: { what: 'deploying', ...error } });
}

export function lastReview(walk: Walk) {
  const review = effectsOf(walk, 'review').at(-1);
  if (!review) throw new Error('no review was asked for');
  return review;
}
