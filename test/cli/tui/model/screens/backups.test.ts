import { expect, it } from 'vitest';
import type { Message } from '../../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { anActivity, aRunning } from '../../support/activities.ts';
import { aBackup, aBackupList } from '../../support/backups.ts';
import { pressed, shownLines } from '../../support/press.ts';
import { aStudy, aTuiState } from '../../support/states.ts';

const studies = [aStudy({ experiment: 'market' }), aStudy({ experiment: 'trust' })];

const tell = (state: TuiState, message: Message) => reduce(state, message, state.now);
const press = (state: TuiState, key: string) => tell(state, { kind: 'key', key });

it('looks for the backups of the study under the cursor', () => {
  const { state, effects } = press(pressed(aTuiState({ studies }), 'Down'), 'v');

  const { serial } = topScreen(state);
  expect(effects).toEqual([{ kind: 'read-backups', serial, stacks: ['trust'] }]);
});

it('looks for those of the experiment that was on the list, coming from another tab', () => {
  const elsewhere = pressed(aTuiState({ studies }), 'Down', ':', ...'server check', 'Enter');

  expect(topScreen(pressed(elsewhere, ':', ...'go to backups', 'Enter'))).toMatchObject({ stack: 'trust' });
});

it('looks for those of all with Tab, without those that are known, and goes back to one with Tab', () => {
  const one = tell(pressed(aTuiState({ studies }), 'v'), {
    kind: 'backups-read',
    stack: 'market',
    list: aBackupList(),
  });

  const { state, effects } = press(one.state, 'Tab');

  const { serial } = topScreen(state);
  expect(effects).toEqual([{ kind: 'read-backups', serial, stacks: ['trust'] }]);
  expect(topScreen(pressed(state, 'Tab'))).toMatchObject({ name: 'backups', of: 'one', stack: 'market' });
});

it('reviews the restore of the backup under the cursor, and starts nothing by itself', () => {
  const list = aBackupList({
    backups: [aBackup({ id: 'newer' }), aBackup({ id: 'older', takenAt: '2026-11-19T11:00:00Z' })],
  });
  const state = tell(pressed(aTuiState({ studies }), 'v'), { kind: 'backups-read', stack: 'market', list }).state;

  const { effects } = press(pressed(state, 'Down'), 'Enter');

  expect(effects).toMatchObject([
    { kind: 'review', asked: { verb: 'restore', study: { stack: 'market' }, backup: 'older' } },
  ]);
});

it('says who is at work instead of restoring over it', () => {
  const busy = { operation: 'op1', verb: 'deploy', by: 'jonas' };
  const state = pressed(aTuiState({ studies: [aStudy({ experiment: 'market', busy })] }), 'v');

  const read = tell(state, { kind: 'backups-read', stack: 'market', list: aBackupList() }).state;

  expect(pressed(read, 'Enter').notice).toBe('Restore a backup: jonas is at work on it: deployment.');
});

it('looks again at what an operation ended on, as long as it is shown', () => {
  const activity = [aRunning({ operation: 'op1', stack: 'market' })];
  const open = tell(pressed(aTuiState({ studies, activity }), 'v'), {
    kind: 'backups-read',
    stack: 'market',
    list: aBackupList(),
  }).state;
  const compared = (ended: Message & { kind: 'compared' }) => tell(open, ended).effects;
  const news = { kind: 'compared', studies, at: open.now } as const;

  expect(compared({ ...news, activity })).toEqual([]);
  expect(compared({ ...news, activity: [anActivity({ operation: 'op1', stack: 'trust' })] })).toEqual([]);
  expect(compared({ ...news, activity: [anActivity({ operation: 'op1', stack: 'market' })] })).toEqual([
    { kind: 'read-backups', serial: topScreen(open).serial, stacks: ['market'] },
  ]);
});

it('looks into one study alone when it was opened before any was known', () => {
  const open = pressed(aTuiState({ studies: undefined, asOf: undefined }), ':', ...'backups', 'Enter');

  const remembered = tell(open, { kind: 'remembered', studies, asOf: 0 }).state;
  const { state, effects } = tell(remembered, { kind: 'compared', studies, activity: [], at: open.now });

  expect(effects).toEqual([{ kind: 'read-backups', serial: topScreen(state).serial, stacks: ['market'] }]);
  expect(topScreen(state)).toMatchObject({ stack: 'market' });
});

it('shows what is known while the rest is looked for, and what could not be read', () => {
  const all = pressed(aTuiState({ studies }), 'v', 'Tab');
  const one = tell(all, { kind: 'backups-read', stack: 'market', list: aBackupList() }).state;
  expect(shownLines(one).join('\n')).toContain('1 backup · looking, 1 to go');

  const error = { code: 'job-failed', what: 'listing the backups of trust', why: 'Its job ended.' } as const;
  const both = tell(one, { kind: 'backups-unread', stack: 'trust', error }).state;

  expect(shownLines(both).join('\n')).toContain('1 backup · 1 could not be looked into');
});
