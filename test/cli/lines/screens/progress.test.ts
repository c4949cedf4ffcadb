import { describe, expect, it } from 'vitest';
import { anActivity } from '../../tui/support/activities.ts';
import { aTuiState, someNow } from '../../tui/support/states.ts';
import { openTalk } from '../support/open-talk.ts';
import { askedToDeploy, failed, happens, started, trust } from '../support/talks.ts';

describe('a deployment', () => {
  it('tells each step as it begins, and how it ended', () => {
    const { talk } = askedToDeploy(0);
    talk.answer('1');

    expect(started(talk)).toEqual([
      'The deployment of trust-game is operation op00000001. You can leave: the keeper on the server runs it.',
      '1. Go back; what runs goes on',
      '2. Ask the operation to stop where it safely can',
      '3. See the logs of the study',
      'You can type a number, or quit; it goes on.',
    ]);
    expect(happens(talk, { kind: 'operation-started', verb: 'deploy', stack: 'trust-game' })).toEqual([]);
    expect(happens(talk, { kind: 'step-started', step: 'try-image' })).toEqual(['Trying the image on its own.']);
    expect(happens(talk, { kind: 'waiting', step: 'try-image', on: 'its pages' })).toEqual([]);
    expect(
      happens(
        talk,
        { kind: 'step-finished', step: 'try-image', outcome: 'changed' },
        { kind: 'step-started', step: 'update-web' },
      ),
    ).toEqual(['Starting oTree.']);
    expect(
      happens(talk, {
        kind: 'operation-finished',
        at: new Date(someNow + 51_000).toISOString(),
        result: { stack: 'trust-game', state: 'running', release: 4, url: 'https://trust-game.lab.test' },
      }),
    ).toEqual([
      'Done: trust-game runs v4.',
      'Address: https://trust-game.lab.test',
      'It took 51 seconds.',
      '1. Go back',
      '2. Open the study in the browser',
      '3. See the links that participants get',
      "4. See where oTree's admin page is, and its password",
      '5. See the logs of the study',
      'Type a number, or quit.',
    ]);
  });

  it('tells a failure in its four lines, and what can be done then', () => {
    const { talk } = askedToDeploy(0);
    talk.answer('1');
    started(talk);

    expect(
      happens(talk, {
        kind: 'operation-failed',
        error: { ...failed, log: ['no \u001b[31msettings\u2588', 'again', 'again'] },
      }),
    ).toEqual([
      'Failed: pulling the image registry.test/lab/trust-game:v9.',
      'Why: The registry has no such tag.',
      'Now: Release 3 goes on running.',
      'To do: Check the tag.',
      'Code: image-not-found',
      'Log: no ␛[31msettings',
      'Log: again',
      '1. Go back',
      '2. Deploy another image',
      '3. Try the same again',
      '4. Read the log of the study',
      '5. Read out the report of the failure',
      'Type a number, or quit.',
    ]);
  });

  it('that is opened from the activity has the same choices, whoever began it', () => {
    const asked = { study: { experiment: 'pilot', environment: 'production' }, image: 'lab/pilot:v1' };
    const activity = [anActivity({ stack: 'pilot', by: 'ben', state: 'failed', asked })];
    const talk = openTalk(aTuiState({ studies: [trust], activity }));
    talk.answer('activity');
    talk.answer('1');

    const told = happens(talk, { kind: 'operation-failed', error: failed });
    expect(told.slice(-5)).toEqual([
      '1. Go back',
      '2. Deploy another image',
      '3. Try the same again',
      '4. Read out the report of the failure',
      'Type a number, or quit.',
    ]);
    expect(talk.answer('3')).toEqual(['Looking at what the deployment of pilot would change.']);
  });
});
