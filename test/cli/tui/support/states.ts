import { initialState } from '../../../../src/cli/tui/model/initial-state.ts';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import type { Study, TuiState } from '../../../../src/cli/tui/model/state.ts';
import type { ReleaseSummary } from '../../../../src/core/index.ts';

export const someNow = Date.parse('2026-11-20T14:02:11Z');

/** What a test does not care about. Whatever matters in a test is given by the test. */
export function aStudy(more: Partial<Study> = {}): Study {
  const { experiment = 'trust-game', environment = 'production' } = more;
  const stack = environment === 'production' ? experiment : `${experiment}-${environment}`;
  return {
    ...{ experiment, environment, stack },
    state: 'running',
    release: 3,
    url: `https://${stack}.lab.test`,
    image: `registry.test/lab/${experiment}:v3@sha256:${'a'.repeat(64)}`,
    owner: 'ada@laptop',
    changedAt: '2026-11-18T09:00:00.000Z',
    people: undefined,
    backedUpAt: undefined,
    busy: undefined,
    ...more,
  };
}

export function someStudies(count: number): readonly Study[] {
  return Array.from({ length: count }, (_, index) => aStudy({ experiment: `study-${String(index).padStart(4, '0')}` }));
}

export function aRelease(release: number, more: Partial<ReleaseSummary> = {}): ReleaseSummary {
  return {
    ...{ release, state: 'proven', serving: false },
    image: `registry.test/lab/trust-game:v${release}`,
    digest: `sha256:${release}`,
    otree: '6.0.1',
    fits: undefined,
    source: undefined,
    author: 'ada',
    createdAt: '2026-11-10T09:00:00.000Z',
    ...more,
  };
}

/** A list that is live, with a few studies on it. */
export function aTuiState({
  size = { columns: 80, rows: 24 },
  ...more
}: Partial<TuiState> & { size?: Size } = {}): TuiState {
  return {
    ...initialState({ server: 'lab', usualServer: 'lab', size, now: someNow }),
    link: { kind: 'live' },
    studies: someStudies(5),
    asOf: someNow,
    ...more,
  };
}
