import type { Asked } from '../../../../src/cli/tui/model/effects.ts';
import type { Change, PeopleSeen, Review } from '../../../../src/core/index.ts';

const disturbing: readonly string[] = ['deploy', 'rollback', 'restore', 'stop', 'restart', 'reset', 'undo', 'delete'];
const wantingTheName: readonly string[] = ['reset', 'delete', 'purge'];

/** What core would say of it: what interrupts and what wants the typed name is as there. */
export function aReview(asked: Pick<Asked, 'verb' | 'study'>, more: Partial<Review> = {}): Review {
  const { verb, study } = asked;
  const change: Change = {
    action: 'restart',
    subject: 'web',
    name: `${study.stack}_web`,
    because: 'you asked for it',
    interrupts: disturbing.includes(verb),
  };
  return {
    stack: study.stack,
    verb,
    plan: [change],
    work: { kind: 'restart' },
    url: `https://${study.stack}.lab.test`,
    newSecrets: [],
    serving: 3,
    before: { release: 3, stopped: false },
    basis: '',
    becomes: 4,
    fit: undefined,
    wants: wantingTheName.includes(verb) ? 'typed-name' : 'nothing',
    interrupted: undefined,
    running: undefined,
    ...more,
  } as Review;
}

export function peopleSeen(stack: string, onPage: number): PeopleSeen {
  return {
    stack,
    counts: { onPage, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 },
    sentence: onPage === 0 ? 'Nobody is in a session.' : `${onPage} people are on a page.`,
    known: true,
  };
}
