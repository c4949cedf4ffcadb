import { describe, expect, it } from 'vitest';
import { aStudy } from '../../tui/support/states.ts';
import { talkOf, trust } from '../support/talks.ts';

describe('an image', () => {
  it('need not be typed where it ran before', () => {
    const talk = talkOf(aStudy({ experiment: 'ant', image: 'registry.test/lab/ant:v1' }), trust);

    expect(talk.answer('New experiment')).toEqual([
      'A new experiment. The name becomes the first part of its address, and people will type it.',
      'It has 3 to 24 of a to z, 0 to 9 and single dashes.',
      'Type its name, or back. Nothing changes yet: its image is asked for next.',
    ]);
    expect(talk.answer('trust-game')).toEqual([
      'trust-game is there already. To update it, deploy from its own menu.',
      'Type its name, or back. Nothing changes yet: its image is asked for next.',
    ]);
    expect(talk.answer('bee-dance').slice(2)).toEqual([
      '1. registry.test/lab/ant:v1, which ant runs',
      '2. registry.test/lab/trust-game:v3, which trust-game runs',
      'Type a number, another image, or back.',
    ]);
    talk.answer('2');
    expect(talk.effects.at(-1)).toMatchObject({
      asked: { verb: 'deploy', study: { stack: 'bee-dance' }, image: 'registry.test/lab/trust-game:v3' },
    });
  });
});
