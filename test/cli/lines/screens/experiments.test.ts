import { describe, expect, it } from 'vitest';
import type { News } from '../../../../src/cli/tui/model/messages.ts';
import { aRunning } from '../../tui/support/activities.ts';
import { peopleSeen } from '../../tui/support/reviews.ts';
import { aStudy, aTuiState, someStudies } from '../../tui/support/states.ts';
import { openTalk } from '../support/open-talk.ts';
import { compared, dictator, talkOf, trust } from '../support/talks.ts';

describe('the list', () => {
  it('is read out with numbers, states in words, people and releases', () => {
    expect(talkOf(trust, dictator).heard()).toEqual([
      'oForest, lab. 2 experiments.',
      '1. trust-game, running, 2 people, release 3',
      '2. dictator, stopped, release 9',
      'Type a number to open, a word to filter, new experiment, backups, activity, server check, another server, introduction, help, or quit.',
    ]);
  });

  it('is filtered by a word, and read as a whole after back', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.answer('dict')).toEqual([
      '1 of 2 experiments matches dict.',
      '1. dictator, stopped, release 9',
      'Type a number to open, back to hear all, or quit.',
    ]);
    expect(talk.answer('back')[0]).toBe('oForest, lab. 2 experiments.');
  });

  it('stays whole for a word that fits nothing', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.answer('trsut')[0]).toBe('Nothing here matches "trsut".');
    expect(talk.answer('2')[0]).toBe('dictator is stopped.');
  });

  it('tells a change by itself, in one sentence, and nothing when nothing changed', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.tell(compared(trust, { ...dictator, state: 'running' }))).toEqual(['dictator is now running.']);
    expect(talk.tell(compared(trust, { ...dictator, state: 'running' }))).toEqual([]);
    expect(talk.tell({ kind: 'people-seen', people: peopleSeen('trust-game', 5) })).toEqual([]);
  });

  it('tells that somebody is at work, and not each of their steps', () => {
    const talk = talkOf(trust);
    const at = (step: number): News => ({
      ...compared(trust),
      activity: [aRunning({ by: 'jonas', place: { step, of: 6 } })],
    });

    expect(talk.tell(at(1))).toEqual(['trust-game is now deploying.']);
    expect(talk.tell(at(2))).toEqual([]);
  });

  it.each([
    ['variable', 'updating'],
    ['secret', 'updating'],
    ['address', 'updating'],
    ['admin', 'updating'],
    ['drill', 'verifying'],
    ['drop-data', 'tidying up'],
  ])('has a word also for %s, which cannot be asked for here', (verb, word) => {
    const talk = talkOf(trust);

    const busy = { ...compared(trust), activity: [aRunning({ verb })] };
    expect(talk.tell(busy)).toEqual([`trust-game is now ${word}.`]);
  });

  it('counts the changes where too many come at once to be listened to', () => {
    const talk = talkOf(...someStudies(1_000));

    const stopped = someStudies(1_000).map((study) => ({ ...study, state: 'stopped' as const }));
    expect(talk.tell(compared(...stopped))).toEqual(['1,000 in the list have changed: press Enter to hear it.']);
  });

  it('keeps the numbers that were heard when studies come and go', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.tell(compared(aStudy({ experiment: 'ant' }), trust, dictator))).toEqual([
      'oForest, lab. 3 experiments.',
      'The list has changed: press Enter to hear it.',
    ]);
    expect(talk.answer('1')[0]).toBe('trust-game is running.');
  });

  it('is not read out all at once when it is long', () => {
    const talk = openTalk(aTuiState({ studies: someStudies(45) }));

    expect(talk.heard().slice(20, 23)).toEqual([
      '20. study-0019, running, release 3',
      'And 25 more: type more to hear them.',
      'Type a number to open, a word to filter, new experiment, backups, activity, server check, another server, introduction, help, or quit.',
    ]);
    expect(talk.answer('more')[0]).toBe('21. study-0020, running, release 3');
    expect(talk.answer('more').slice(-2)[0]).toBe('45. study-0044, running, release 3');
    expect(talk.answer('44')[0]).toBe('study-0043 is running.');
  });

  it('says what to do where it is empty, and that it is asked for where nothing is known', () => {
    expect(talkOf().heard()[0]).toContain('No experiments on lab yet.');
    expect(openTalk(aTuiState({ studies: undefined })).heard()).toEqual(['oForest. Asking lab for its experiments.']);
  });

  it('leads to the other lists by their names', () => {
    const talk = openTalk(aTuiState({ studies: [trust], activity: [aRunning()] }));

    expect(talk.answer('activity')).toEqual([
      'Activity on lab. 1 operation, 1 running.',
      '1. deployment of trust-game, running, by ada@laptop (SSH, not verified), 62 minutes ago',
      'Type a number to open, a word to filter, back, help, or quit.',
    ]);
    expect(talk.answer('1')[0]).toContain('The deployment of trust-game is operation op00000001.');
  });
});
