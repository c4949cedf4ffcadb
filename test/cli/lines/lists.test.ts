import { expect, it } from 'vitest';
import type { ReleaseSummary } from '../../../src/core/index.ts';
import { aBackup, aBackupList } from '../tui/support/backups.ts';
import { aStudy, aTuiState, someNow } from '../tui/support/states.ts';
import { openTalk } from './support/open-talk.ts';

const talkOf = () => openTalk(aTuiState({ studies: [aStudy({ experiment: 'market' })] }));

it('reads out the backups of a study, and reviews the restore of the one that is chosen', () => {
  const talk = talkOf();
  talk.answer('backups');
  const told = talk.tell({ kind: 'backups-read', stack: 'market', list: aBackupList({ backups: [aBackup()] }) });

  expect(told.slice(0, 2)).toEqual([
    'Backups of all experiments, 1 backup. Open one to restore it.',
    '1. market, 3 hours ago, nightly, 4,812 rows, 2.2 MB, verified 3 hours ago',
  ]);
  talk.answer('1');
  expect(talk.effects.at(-1)).toMatchObject({ kind: 'review', asked: { verb: 'restore' } });
});

it('does not read all backups again because they are older now', () => {
  let now = someNow;
  const talk = openTalk(aTuiState({ studies: [aStudy({ experiment: 'market' })] }), { now: () => now });
  talk.answer('backups');
  talk.tell({ kind: 'backups-read', stack: 'market', list: aBackupList({ backups: [aBackup()] }) });

  now += 3_600_000;
  expect(talk.answer('refresh')).toEqual([
    'Asking lab again.',
    'Type a number to open, a word to filter, back, help, or quit.',
  ]);
});

it('says why nothing is known of the backups', () => {
  const talk = talkOf();
  talk.answer('backups');

  const error = { code: 'job-failed', what: 'listing the backups of market', why: 'Its job ended' } as const;
  const told = talk.tell({ kind: 'backups-unread', stack: 'market', error });

  expect(told).toContain('Listing the backups of market failed: Its job ended.');
});

it('reads out what was found of the server, and what to do', () => {
  const talk = talkOf();
  talk.answer('server check');
  const told = talk.tell({
    kind: 'checked',
    report: {
      outcome: 'failed',
      checks: [
        { name: 'docker', outcome: 'ok', sentence: 'Docker 29.1.' },
        { name: 'traefik', outcome: 'failed', sentence: 'Traefik is missing.', hint: 'Prepare the server again.' },
      ],
    },
  });

  expect(told.slice(0, 4)).toEqual([
    '2 checks of lab, 1 problem.',
    'Ok: Docker 29.1.',
    'Failed: Traefik is missing.',
    'To do: Prepare the server again.',
  ]);
});

it('reads out the releases of a study', () => {
  const release: ReleaseSummary = {
    ...{ release: 2, state: 'proven', serving: false, image: 'a:v2', digest: 'sha256:a', otree: '', fits: 'fits' },
    ...{ source: undefined, author: 'mira', createdAt: '2026-11-20T11:02:11.000Z' },
  };
  const details = { market: { status: undefined, releases: [release], people: undefined } };
  const talk = openTalk(aTuiState({ studies: [aStudy({ experiment: 'market' })], details }));
  talk.answer('1');
  const menu = talk.all.find((line) => line.includes('History of releases'));

  const told = talk.answer(menu?.split('.')[0] ?? '');

  expect(told.slice(0, 2)).toEqual([
    'History of market, 1 release. Open one to roll back to it.',
    '1. v2, proven, by mira, 3 hours ago, data: fits',
  ]);
});
