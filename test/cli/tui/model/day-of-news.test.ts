import { expect, it } from 'vitest';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';
import { anActivity, aRunning } from '../support/activities.ts';
import { aBackupList } from '../support/backups.ts';
import { aLine } from '../support/logs.ts';
import { peopleSeen } from '../support/reviews.ts';
import { aRelease, aStudy, aTuiState, someNow } from '../support/states.ts';

const seconds = 30_000;

/** The server as it is in a second of a working day: studies come and go, people as well, and somebody is always at work. */
function newsOf(second: number, serials: { logs: number; progress: number }): Message {
  const review = aStudy({ experiment: 'trust-game', environment: `review-${Math.floor(second / 300)}` });
  const studies = [...Array.from({ length: 50 }, (_, index) => aStudy({ experiment: `study-${index}` })), review];
  const { stack } = review;
  const error = { code: 'timed-out', what: `asking the server in second ${second}` } as const;
  const at = new Date(someNow + second * 1000).toISOString();
  const news: readonly Message[] = [
    { kind: 'people-seen', people: peopleSeen(`study-${second % 50}`, second % 24) },
    {
      kind: 'log-lines',
      serial: serials.logs,
      lines: Array.from({ length: 20 }, () => aLine(`GET /p/${second}/Send`, { second })),
    },
    {
      kind: 'study-read',
      ...{ stack, releases: [aRelease(second)], people: peopleSeen(stack, 1) },
      status: {
        ...{ stack, state: 'running', until: undefined, release: 3, url: '', image: '', parts: [], variables: [] },
        ...{ secrets: [], operation: undefined, lastOperation: undefined },
      },
    },
    {
      kind: 'event',
      serial: serials.progress,
      event: { kind: 'waiting', step: 'guard', on: `people, for ${second} s`, at, operation: 'op1' },
    },
    { kind: 'backups-read', stack, list: aBackupList() },
    { kind: 'said', text: `Something is copied in second ${second}.` },
    second % 100 < 50 ? { kind: 'failed', error } : { kind: 'study-unread', stack, error },
    { kind: 'linked', link: second % 20 < 10 ? { kind: 'stale', error } : { kind: 'live' } },
    { kind: 'checked', report: { outcome: 'ok', checks: [{ name: 'docker', outcome: 'ok', sentence: at }] } },
  ];
  if (second % 30 > 0) return news[second % news.length] ?? { kind: 'ticked' };
  const activity = [aRunning({ operation: `op${second}` }), ...Array.from({ length: 50 }, () => anActivity())];
  return { kind: 'compared', studies, activity, at: someNow + second * 1000 };
}

it('eight hours of news, one a second, leave no more in the memory than the first of them', () => {
  let state: TuiState = aTuiState();
  const hear = (message: Message, second = 0) => {
    state = reduce(state, message, someNow + second * 1000).state;
  };
  const press = (key: string) => {
    hear({ kind: 'drawn', serial: topScreen(state).serial });
    hear({ kind: 'key', key });
    return topScreen(state);
  };
  hear({ kind: 'compared', studies: [aStudy()], activity: [anActivity()], at: someNow });
  press('3');
  const progress = press('Enter').serial;
  const logs = press('l').serial;
  expect(state.screens.map(({ name }) => name)).toEqual(['experiments', 'activity', 'progress', 'logs']);

  const sizes: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    hear(newsOf(second, { logs, progress }), second);
    if (second % 20 === 0) frameOf(state, { ascii: false });
    if (second % 1_000 === 999) sizes.push(JSON.stringify(state).length);
  }

  const [early, late] = [Math.max(...sizes.slice(4, 8)), Math.max(...sizes.slice(-4))];
  expect({ early, late, isMore: late > early * 1.05 }).toMatchObject({ isMore: false });
});
