import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { askedToDeploy, failed, reviewed, talkOf, trust } from '../support/talks.ts';

describe('a deployment', () => {
  it('asks for the image, tells what would be done, and begins', () => {
    const talk = talkOf(trust);
    talk.answer('1');

    expect(talk.answer('1')).toEqual([
      'Deploy an image to trust-game. Which one: its name in the registry, with a tag or a digest.',
      'Nothing changes yet: what would is told next.',
      '1. The one that runs: registry.test/lab/trust-game:v3',
      'Type a number, another image, or back.',
    ]);
    expect(talk.answer('registry.test/lab/trust-game:v4')).toEqual([
      'Looking at what the deployment of trust-game would change.',
    ]);
    expect(reviewed(talk)).toEqual([
      'What the deployment of trust-game does:',
      'Data: kept.',
      'Pause: about 5 s for whoever is on a page.',
      'Nobody is in a session.',
      'Restart oTree (trust-game_web): you asked for it.',
      'As a command: oforest deploy trust-game --image registry.test/lab/trust-game:v4',
      '1. Deploy now',
      '2. Cancel',
      'Type a number, or back: then nothing changes.',
    ]);
    expect(talk.answer('1')).toEqual(['The deployment of trust-game is being started.']);
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'start', people: { kind: 'refuse' } });
  });

  it('offers to wait first where people are in a session', () => {
    const { talk, told } = askedToDeploy(2);

    expect(told.slice(3)).toEqual([
      'Warning: 2 people are on a page.',
      'Their pages pause for about 5 s. Answers already sent are safe. Page timers keep running.',
      'As a command: oforest deploy trust-game --image registry.test/lab/trust-game:v3 --after-session',
      '1. Wait until nobody is in a session, then deploy',
      '2. Deploy now and interrupt them',
      '3. Cancel',
      'Type a number, or back: then nothing changes.',
    ]);
    talk.answer('1');
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'start', people: { kind: 'wait' } });
  });

  it('asks for the reason before it interrupts anybody', () => {
    const { talk } = askedToDeploy(2);

    expect(talk.answer('2')).toEqual([
      'Why are they interrupted? It is recorded with your name.',
      'Type the reason, or back: then nothing changes.',
    ]);
    talk.answer('help is on its way');
    expect(talk.effects.at(-1)).toMatchObject({
      ...{ kind: 'start', people: { kind: 'interrupt', reason: 'help is on its way' } },
    });
  });

  it.each(['3', 'back'])('changes nothing after %s', (line) => {
    const { talk } = askedToDeploy(2);

    expect(talk.answer(line)[0]).toBe('trust-game is running.');
    expect(talk.effects.some(({ kind }) => kind === 'start')).toBe(false);
  });

  it('tells why a review was refused, and looks again when asked to', () => {
    const talk = talkOf(trust);
    for (const line of ['1', '1', '1']) talk.answer(line);
    const { serial } = topScreen(talk.state);

    expect(talk.tell({ kind: 'refused', serial, error: failed }).slice(-3)).toEqual([
      '1. Look again',
      '2. Back',
      'Type a number, back, or quit.',
    ]);
    expect(talk.answer('1')).toEqual(['Looking at what the deployment of trust-game would change.']);
  });
});

describe('what loses data', () => {
  function askedToReset(people: number) {
    const talk = talkOf(trust);
    const menu = talk.answer('1');
    talk.answer(/(\d+)\. Reset the data/.exec(menu.join('\n'))?.[1] ?? '');
    return { talk, told: reviewed(talk, people) };
  }

  it('is done for the typed name alone', () => {
    const { talk, told } = askedToReset(0);

    expect(told).toEqual([
      'What the reset of trust-game does:',
      'Data: kept.',
      'Pause: about 5 s for whoever is on a page.',
      'Nobody is in a session.',
      'Restart oTree (trust-game_web): you asked for it.',
      'As a command: oforest reset trust-game --confirm trust-game',
      '1. Export the data first',
      'Type the name, trust-game, to erase its data, or back: then nothing changes.',
    ]);
    for (const line of ['yes', 'trust', 'Trust-Game'])
      expect(talk.answer(line)).toEqual([
        'That is not trust-game. Nothing was changed.',
        'Type the name, trust-game, to erase its data, or back: then nothing changes.',
      ]);
    expect(talk.effects.some(({ kind }) => kind === 'start')).toBe(false);
    talk.answer('trust-game');
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'start', typed: 'trust-game' });
  });

  it('asks about people first, and does not tell the plan twice', () => {
    const { talk } = askedToReset(2);
    talk.answer('2');

    expect(talk.answer('the pilot is over')).toEqual([
      "As a command: oforest reset trust-game --interrupt 'the pilot is over' --confirm trust-game",
      '1. Export the data first',
      'Type the name, trust-game, to erase its data, or back: then nothing changes.',
    ]);
  });
});
