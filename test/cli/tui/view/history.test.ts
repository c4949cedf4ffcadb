import { expect, it } from 'vitest';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import type { ReleaseSummary } from '../../../../src/core/index.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

function aRelease(more: Partial<ReleaseSummary> = {}): ReleaseSummary {
  return {
    release: 1,
    state: 'proven',
    serving: false,
    image: 'registry.test/lab/market:v1',
    digest: `sha256:${'a'.repeat(64)}`,
    otree: '6.0.16',
    fits: 'fits',
    source: undefined,
    author: 'mira@laptop',
    createdAt: '2026-11-18T14:00:00Z',
    ...more,
  };
}

const releases = [
  aRelease({ release: 3, serving: true, fits: undefined }),
  aRelease({ release: 2, state: 'failed', fits: 'other-tables', createdAt: '2026-11-11T14:00:00Z' }),
  aRelease({ release: 1, fits: undefined, createdAt: '2026-11-01T14:00:00Z' }),
];

function open(found: TuiState['details'][string] | undefined, columns = 80, rows = 24): TuiState {
  const details: TuiState['details'] = found ? { market: found } : {};
  return pressed(aTuiState({ studies: [aStudy({ experiment: 'market' })], details, size: { columns, rows } }), 'h');
}

const known = { status: undefined, releases, people: undefined };

it('shows the releases, the newest first, with state, age, author and whether they fit the data', () => {
  const lines = shownLines(open(known));

  expect(lines.slice(3, 7)).toEqual([
    '   Release↓ State           Age  Fits          By',
    '❯  v3       ● Serving       2 d                mira@laptop',
    '   v2       ✖ Failed        9 d  other tables  mira@laptop',
    '   v1       ✔ Proven       19 d  not compared  mira@laptop',
  ]);
});

it('shows the same on 60x15, and more of the one under the cursor on 120x40', () => {
  expect(shownLines(open(known, 60, 15))[3]).toBe('   v2       ✖ Failed        9 d  other tables  mira@laptop');
  expect(shownLines(open(known, 120, 40)).join('\n')).toMatch(/│ Image +registry\.test\/lab\/market:v1/);
});

it('says that it asks, and why nothing is known', () => {
  const error = { code: 'connection-lost', what: 'reading market', why: 'The connection broke.' } as const;
  const failed = reduce(open(undefined), { kind: 'study-unread', stack: 'market', error }, 0).state;

  expect(shownLines(open(undefined)).join('\n')).toContain('Asking lab for the releases of market…');
  expect(shownLines(failed).join('\n')).toMatch(/Failed: reading market\n +Why +The connection broke\./);
});

it('reviews a rollback to the release under the cursor, and none to what serves already', () => {
  const press = (state: TuiState) => reduce(state, { kind: 'key', key: 'Enter' }, 0);

  expect(press(pressed(open(known), 'Down')).effects).toMatchObject([
    { kind: 'review', asked: { verb: 'rollback', study: { stack: 'market' }, to: 2 } },
  ]);
  expect(press(open(known)).effects).toEqual([]);
  expect(press(open(known)).state.notice).toBe('Roll back to v3: it is what serves now.');
});
