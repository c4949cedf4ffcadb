import { expect, it } from 'vitest';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import type { ServerCheck } from '../../../../src/core/index.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aTuiState } from '../support/states.ts';

const checks: readonly ServerCheck[] = [
  { name: 'docker', outcome: 'ok', sentence: 'Docker 29.1, asked with API 1.52.' },
  {
    name: 'closed-page',
    outcome: 'warning',
    sentence: 'The page for closed studies is missing: links of stopped and deleted studies answer 404.',
    hint: 'Run `oforest server prepare NAME` again.',
  },
  { name: 'traefik', outcome: 'failed', sentence: 'oforest_traefik is missing.', hint: 'Prepare the server again.' },
];
const open = (columns = 80, rows = 24) =>
  pressed(aTuiState({ size: { columns, rows } }), ':', ...'server check', 'Enter');
const checked = (state: TuiState) =>
  reduce(state, { kind: 'checked', report: { outcome: 'failed', checks } }, state.now).state;

it('shows each check with its outcome in a word, and what to do about the one under the cursor', () => {
  const lines = shownLines(pressed(checked(open()), 'Down'));

  expect(lines.slice(3, 7)).toEqual([
    '   Check↓       Outcome      Found',
    '   docker       ✔ Ok         Docker 29.1, asked with API 1.52.',
    '❯  closed page  ! Attention  The page for closed studies is missing: links of…',
    '   traefik      ✖ Failed     oforest_traefik is missing.',
  ]);
  expect(lines.slice(16, 19)).toEqual([
    '  The page for closed studies is missing: links of stopped and deleted studies',
    '  answer 404.',
    '  To do  Run `oforest server prepare NAME` again.',
  ]);
  expect(lines.at(-3)).toBe(' Checked 0 s ago · 1 ok, 1 attention, 1 failed');
  expect(lines[1]).toContain('[4 Server check (1 problem)]');
});

it('shows the same on 60x15 and on 120x40', () => {
  const small = shownLines(pressed(checked(open(60, 15)), 'Down'));
  const large = shownLines(checked(open(120, 40)));

  expect(small[3]).toBe('❯  closed page  ! Attention  The page for closed studies …');
  expect(small.join('\n')).toContain('To do  Run `oforest server prepare NAME` again.');
  expect(large.join('\n')).toContain('links of stopped and deleted studies answer 404.');
});

it('has the worst first with S', () => {
  const lines = shownLines(pressed(checked(open()), 'S'));

  expect(lines[4]).toContain('✖ Failed');
  expect(lines[6]).toContain('✔ Ok');
});

it('says that it asks, and why it could not', () => {
  const error = { code: 'connection-lost', what: 'asking the Swarm', why: 'The connection broke.' } as const;
  const failed = reduce(open(), { kind: 'unchecked', error }, open().now).state;

  expect(shownLines(open()).join('\n')).toContain('Asking lab how everything is');
  expect(shownLines(failed).join('\n')).toMatch(/Failed: asking the Swarm\n +Why +The connection broke\./);
});

it('checks again with r, once at a time, and keeps what was found before', () => {
  const opened = reduce(aTuiState(), { kind: 'key', key: '4' }, 0);
  expect(opened.effects).toEqual([{ kind: 'check-server' }]);
  expect(reduce(opened.state, { kind: 'key', key: 'r' }, 0).effects).toEqual([]);

  const again = reduce(checked(opened.state), { kind: 'key', key: 'r' }, 0);

  expect(again.effects).toEqual([{ kind: 'check-server' }]);
  expect(shownLines(again.state).join('\n')).toContain('Checking again… · 1 ok');
});

it('copies what somebody else needs to mend it', () => {
  const { effects } = reduce(checked(open()), { kind: 'key', key: 'c' }, open().now);

  expect(topScreen(open()).name).toBe('check');
  expect(effects).toEqual([
    {
      kind: 'copy',
      what: 'The report',
      text: [
        'Check of lab, 2026-11-20T14:02:11.000Z',
        'Ok: docker: Docker 29.1, asked with API 1.52.',
        'Attention: closed-page: The page for closed studies is missing: links of stopped and deleted studies answer 404.',
        '  To do: Run `oforest server prepare NAME` again.',
        'Failed: traefik: oforest_traefik is missing.',
        '  To do: Prepare the server again.',
      ].join('\n'),
    },
  ]);
});

it('names the command, and leads to preparing a server that never was', () => {
  const unprepared: readonly ServerCheck[] = [
    { name: 'docker', outcome: 'ok', sentence: 'Docker 29.' },
    {
      name: 'platform',
      outcome: 'failed',
      sentence: 'Never prepared.',
      hint: 'Run `oforest server prepare lab` once.',
    },
  ];
  const state = open();
  const found = reduce(state, { kind: 'checked', report: { outcome: 'failed', checks: unprepared } }, state.now).state;

  expect(shownLines(found).at(-2)).toBe(' Same as:  oforest server check lab');
  expect(topScreen(pressed(found, 'f')).name).toBe('check');
  expect(shownLines(pressed(found, 'Down')).at(-1)).toContain('f prepare it…');
  expect(topScreen(pressed(found, 'Down', 'f')).name).toBe('prepare');
});
