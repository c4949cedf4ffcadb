import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { disturbs } from '../../../../src/cli/tui/model/screens/review.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import type { ErrorFacts, PeopleSeen, Review } from '../../../../src/core/index.ts';
import { registeredKeys } from './keyboard.ts';
import type { Dice } from './random-states.ts';
import { aReview, peopleSeen } from './reviews.ts';
import { aRelease, aStudy, aTuiState, someNow } from './states.ts';
import { drawnNow } from './walk.ts';

/** No key of the registry is a z, so that no name is typed by chance. */
const studies = [
  aStudy({ experiment: 'zz-people', people: 24 }),
  aStudy({ experiment: 'zz-quiet' }),
  aStudy({ experiment: 'zz-stopped', state: 'stopped' }),
  aStudy({ experiment: 'zz-deleted', state: 'deleted' }),
  aStudy({ experiment: 'zz-busy', busy: { operation: 'op1', verb: 'deploy', by: 'jonas' } }),
];
const releases = [4, 3, 2].map((number) => aRelease(number, { serving: number === 4 }));
const details = Object.fromEntries(
  studies.map(({ stack }) => [stack, { status: undefined, releases, people: undefined }]),
);
const keys = [...registeredKeys.filter((key) => key !== 'z'), 'x', 'Space', 'Backspace', 'Enter', 'Enter', 'Down'];
const names = studies.map(({ stack }) => stack);
const refusals: readonly ErrorFacts['code'][] = ['open-pages-present', 'participants-present', 'misfit', 'slot-booked'];
const holder = {
  operation: 'op1',
  verb: 'deploy',
  actor: { via: 'ssh', sshUser: 'jonas', host: 'laptop' },
  epoch: 1,
  since: '2026-11-20T14:00:00Z',
} as const;

export interface Started {
  readonly effect: Extract<Effect, { kind: 'start' }>;
  /** Who was seen when it was reviewed. */
  readonly people: PeopleSeen | undefined;
  /** Whether its question was on the screen when the key came. */
  readonly wasSeen: boolean;
}

/** Somebody who hits keys as they come, in chunks, on a server that answers as it likes: all that was reviewed and started. */
export function hitKeys(
  dice: Dice,
  { count }: { count: number },
): { readonly reviewed: readonly Review[]; readonly started: readonly Started[] } {
  const seen = new Map<Review, PeopleSeen | undefined>();
  const started: Started[] = [];
  let state: TuiState = aTuiState({ studies: studies.slice(dice(studies.length)), details });
  const hear = (message: Message) => {
    const before = state;
    const next = reduce(state, message, someNow);
    state = next.state;
    for (const effect of next.effects) {
      if (effect.kind === 'start')
        started.push({ effect, people: seen.get(effect.review), wasSeen: before.drawn >= effect.serial });
      for (const answer of answersTo(effect)) hear(answer);
    }
  };
  const answersTo = (effect: Effect): readonly Message[] => {
    switch (effect.kind) {
      case 'review': {
        const { serial, asked } = effect;
        if (dice(6) === 0) return [refusal(serial)];
        if (dice(6) === 0) return [];
        const people = peopleSeen(asked.study.stack, dice(2) * 24);
        const others = [{}, {}, {}, { running: holder }, { interrupted: holder }] as const;
        const review = aReview(asked, others[dice(others.length)]);
        seen.set(review, people);
        return [{ kind: 'reviewed', serial, review, people }];
      }
      case 'start':
        return dice(3) === 0
          ? [refusal(effect.serial)]
          : [{ kind: 'started', serial: effect.serial, operation: 'op2', where: 'here' }];
      case 'follow': {
        const of = { at: '2026-11-20T14:03:00Z', operation: effect.operation };
        const error = { code: refusals[dice(refusals.length)] ?? 'misfit', what: 'doing it' };
        return dice(2) === 0
          ? []
          : [{ kind: 'event', serial: effect.serial, event: { kind: 'operation-failed', error, ...of } }];
      }
      default:
        return [];
    }
  };
  const refusal = (serial: number): Message => ({
    kind: 'refused',
    serial,
    error: {
      code: refusals[dice(refusals.length)] ?? 'misfit',
      what: 'doing it',
      details: { verdict: 'adds-columns' },
    },
  });
  let hit = 0;
  while (hit < count) {
    for (let chunk = 1 + dice(4); chunk > 0 && hit < count; chunk -= 1, hit += 1)
      hear({ kind: 'key', key: keys[dice(keys.length)] ?? 'Enter' });
    if (dice(20) === 0) hear({ kind: 'pasted', text: names[dice(names.length)] ?? '' });
    if (dice(40) === 0) hear({ kind: 'linked', link: { kind: dice(2) === 0 ? 'live' : 'stale' } });
    if (dice(4) > 0) hear(drawnNow(state));
    if (topScreen(state).name === 'experiments') hear({ kind: 'compared', studies, activity: [], at: someNow });
  }
  return { reviewed: [...seen.keys()], started };
}

/** What nobody may start without meaning it: each as a sentence. */
export function wrongsIn({ started }: Pick<ReturnType<typeof hitKeys>, 'started'>): readonly string[] {
  return started.flatMap(({ effect, people, wasSeen }) => {
    const { asked, review } = effect;
    const wrongs = [
      ...(review.wants === 'typed-name' ? ['started without its name'] : []),
      ...(effect.people.kind === 'refuse' && disturbs(review, people, asked) ? ['disturbs people unasked'] : []),
      ...(effect.people.kind === 'interrupt' && effect.people.reason.trim() === '' ? ['has no reason'] : []),
      ...(review.running || review.interrupted ? ["runs into somebody else's operation"] : []),
      ...(review.plan.length === 0 ? ['does nothing'] : []),
      ...(wasSeen ? [] : ['was not seen']),
    ];
    return wrongs.map((wrong) => `${asked.verb} of ${asked.study.stack}: ${wrong}`);
  });
}
