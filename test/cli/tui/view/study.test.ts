import { expect, it } from 'vitest';
import { newLine } from '../../../../src/cli/tui/model/log-lines.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import type { ExperimentStatus } from '../../../../src/core/index.ts';
import { anActivity } from '../support/activities.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

const busy = { operation: 'op1', verb: 'backup', by: 'jonas@office', step: 'dump' } as const;
const studies = [aStudy({ busy })];

it('says who is at work on it, and at what', () => {
  const lines = shownLines(pressed(aTuiState({ studies }), 'Enter'));

  expect(lines.at(-3)).toBe(' jonas@office is at work on it: backup. Dumping the database…');
});

it('says that people are in a session before anything is chosen', () => {
  const summaryWith = (people: number) =>
    shownLines(pressed(aTuiState({ studies: [aStudy({ people })] }), 'Enter')).at(-3);

  expect(summaryWith(24)).toBe(' 24 people are in a session: what would disturb them asks first.');
  expect(summaryWith(1)).toBe(' 1 person is in a session: what would disturb them asks first.');
  expect(summaryWith(0)).toBe('');
});

it('says in the list how far it is, and which release is on its way', () => {
  const deploying = { ...busy, verb: 'deploy', place: { step: 5, of: 13 }, release: 4 } as const;
  const state = aTuiState({ studies: [aStudy({ busy: deploying, people: 0 })] });

  expect(shownLines(state)[4]?.replace(/ +/g, ' ')).toBe('❯ trust-game ↻ Deploying 5/13 0 v3 → v4 2 d –');
  expect(shownLines(state, { ascii: true })[4]).toContain('v3 > v4');
});

it('names beside the list what can be done, on 120x40', () => {
  const text = shownLines(aTuiState({ studies: [aStudy()], size: { columns: 120, rows: 40 } })).join('\n');

  expect(text).toContain('│ ── Actions ──');
  expect(text).toContain('│ d  Deploy an image');
  expect(text).toContain('│ a  All actions');
});

it('says beside the list what the study under the cursor is at, on 120x40', () => {
  const lines = shownLines(aTuiState({ studies, size: { columns: 120, rows: 40 } }));

  expect(lines.filter((line) => line.includes('At ')).map((line) => line.slice(82).trim())).toEqual([
    'At work     backup by jonas@office',
    'At          Dumping the database',
  ]);
});

it('says beside the list what was done last, and what came of it, on 120x40', () => {
  const error = { code: 'image-crashed', what: 'trying v4' } as const;
  const activity = [anActivity({ state: 'failed', error, endedAt: '2026-11-20T13:00:00.000Z' })];
  const lines = shownLines(aTuiState({ activity, studies: [aStudy()], size: { columns: 120, rows: 40 } }));

  expect(lines.filter((line) => line.includes('Last  ')).map((line) => line.slice(82).trim())).toEqual([
    'Last        deploy failed, 62 min',
  ]);
});

const log = [
  newLine('web', {
    stream: 'stdout',
    at: '2026-11-20T14:02:10.000Z',
    text: 'INFO:     ‹address› - "GET /login HTTP/1.1" 200',
  }),
  newLine('web', { stream: 'stderr', at: '2026-11-20T14:02:11.000Z', text: 'ValueError: no such page' }),
];
const aStatus: ExperimentStatus = {
  ...{ stack: 'trust-game', state: 'running', until: undefined, release: 3, url: '', image: '', parts: [] },
  ...{ variables: [], secrets: [], operation: undefined, lastOperation: undefined },
};
const opened = (rows: number) => {
  const state = pressed(aTuiState({ studies: [aStudy()], size: { columns: 80, rows } }), 'Enter');
  return shownLines(reduce(state, { kind: 'log-glanced', stack: 'trust-game', lines: log }, state.now).state);
};

it('shows the last lines of its log beside the menu, without what all of them begin with', () => {
  const lines = opened(24).map((line) => line.slice(42));
  const at = lines.findIndex((line) => line.includes('Recent log'));

  expect(lines.slice(at, at + 3).map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'hh:mm:ss'))).toEqual([
    '── Recent log ───────────────────────',
    'hh:mm:ss "GET /login HTTP/1.1" 200',
    'hh:mm:ss ValueError: no such page',
  ]);
});

it('keeps its log when the study is read again', () => {
  const state = pressed(aTuiState({ studies: [aStudy()] }), 'Enter');
  const glanced = reduce(state, { kind: 'log-glanced', stack: 'trust-game', lines: log }, state.now).state;

  const read = { kind: 'study-read', stack: 'trust-game', status: aStatus, releases: [], people: undefined } as const;
  expect(shownLines(reduce(glanced, read, state.now).state).join('\n')).toContain('ValueError');
});
