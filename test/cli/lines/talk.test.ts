import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { actions, actionsFor, begin } from '../../../src/cli/tui/model/actions.ts';
import type { News } from '../../../src/cli/tui/model/messages.ts';
import { topScreen } from '../../../src/cli/tui/model/state.ts';
import type { ErrorFacts, ExperimentStatus, OperationEvent } from '../../../src/core/index.ts';
import { aRunning } from '../tui/support/activities.ts';
import { aLine } from '../tui/support/logs.ts';
import { aReview, peopleSeen } from '../tui/support/reviews.ts';
import { aRelease, aStudy, aTuiState, someNow, someStudies } from '../tui/support/states.ts';
import { type OpenTalk, openTalk } from './support/open-talk.ts';

const trust = aStudy({ people: 2 });
const dictator = aStudy({ experiment: 'dictator', state: 'stopped', release: 9 });
const talkOf = (...studies: readonly (typeof trust)[]) => openTalk(aTuiState({ studies }));

const compared = (...studies: readonly (typeof trust)[]): News => ({
  ...{ kind: 'compared', studies, activity: [], at: someNow },
});

/** Answers the review that was asked for, as the server would. */
function reviewed(talk: OpenTalk, people = 0): readonly string[] {
  const wanted = talk.effects.findLast(({ kind }) => kind === 'review');
  if (wanted?.kind !== 'review') throw new Error('no review was asked for');
  const { serial, asked } = wanted;
  const { stack } = asked.study;
  return talk.tell({ kind: 'reviewed', serial, review: aReview(asked), people: peopleSeen(stack, people) });
}

function started(talk: OpenTalk): readonly string[] {
  const { serial } = topScreen(talk.state);
  return talk.tell({ kind: 'started', serial, operation: 'op00000001', where: 'keeper' });
}

function happens(talk: OpenTalk, ...events: readonly (Partial<OperationEvent> & { kind: string })[]) {
  const { serial } = topScreen(talk.state);
  return talk.tell(
    ...events.map((event) => {
      const whole = { at: new Date(someNow).toISOString(), operation: 'op00000001', ...event } as OperationEvent;
      return { kind: 'event', serial, event: whole } as const;
    }),
  );
}

/** As it is when a deployment of the only study was asked for. */
function askedToDeploy(people: number): { talk: OpenTalk; told: readonly string[] } {
  const talk = talkOf(trust);
  for (const line of ['1', '1', '1']) talk.answer(line);
  return { talk, told: reviewed(talk, people) };
}

const failed: ErrorFacts = {
  code: 'image-not-found',
  what: 'pulling the image registry.test/lab/trust-game:v9',
  why: 'The registry has no such tag.',
  now: 'Release 3 goes on running.',
  hint: 'Check the tag.',
};

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

  it('tells a change by itself, in one sentence, and nothing when nothing changed', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.tell(compared(trust, { ...dictator, state: 'running' }))).toEqual(['dictator is now running.']);
    expect(talk.tell(compared(trust, { ...dictator, state: 'running' }))).toEqual([]);
    expect(talk.tell({ kind: 'people-seen', people: peopleSeen('trust-game', 5) })).toEqual([]);
  });

  it('keeps the numbers that were heard when studies come and go', () => {
    const talk = talkOf(trust, dictator);

    expect(talk.tell(compared(aStudy({ experiment: 'ant' }), trust, dictator))).toEqual([
      'oForest, lab. 3 experiments.',
      'The list has changed: press Enter to hear it.',
    ]);
    expect(talk.answer('1')[0]).toBe('trust-game is running. 2 people in a session.');
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
      '1. deploy of trust-game, running, by ada@laptop (SSH, not verified), 62 minutes ago',
      'Type a number to open, a word to filter, new experiment, experiments, backups, server check, another server, introduction, help, or quit.',
    ]);
    expect(talk.answer('1')[0]).toContain('The deploy of trust-game is operation op00000001.');
  });
});

describe('the server', () => {
  const offline: News = {
    kind: 'linked',
    link: { kind: 'offline', since: someNow, error: failed, nextTryAt: 'now' },
  };

  it('is told of when it is lost and when it answers again, once, on every screen', () => {
    const talk = talkOf(trust);
    talk.answer('1');

    expect(talk.tell(offline)).toEqual(['lab does not answer: The registry has no such tag.']);
    expect(talk.tell(offline)).toEqual([]);
    expect(talk.tell(compared(trust))).toEqual(['lab answers again.']);
  });
});

describe('an experiment', () => {
  it('is told in sentences, with everything that can be done, what asks for the name last', () => {
    expect(talkOf(trust).answer('1')).toEqual([
      'trust-game is running. 2 people in a session.',
      'Address: https://trust-game.lab.test',
      'Release 3, 2 days ago, of the image registry.test/lab/trust-game:v3.',
      ...actionsFor(trust).map(
        (action, index) =>
          `${index + 1}. ${action.label(trust, aTuiState()).replace(/…$/, '').replace('Copy', 'Read out')}${action.tier === 'final' ? '. Asks for its name first.' : ''}`,
      ),
      'Type a number, back, help, or quit.',
    ]);
  });

  it.each(actions.map((action) => [action.id, action] as const))('offers %s, by its number', (_, action) => {
    const busy = aStudy({ busy: { operation: 'op1', verb: 'backup', by: 'jonas' } });
    const study = [trust, dictator, aStudy({ state: 'retired' }), busy].find((one) => action.fits(one));
    if (!study) throw new Error('no study fits');
    const talk = talkOf(study);
    talk.answer('1');
    const before = talk.state;

    talk.answer(String(actionsFor(study).indexOf(action) + 1));

    const { state, effects } = begin(action, before, study);
    expect(talk.state.screens).toEqual(state.screens);
    expect(talk.effects.slice(-effects.length || talk.effects.length)).toEqual(expect.arrayContaining([...effects]));
  });

  it('says each time why something cannot be done now', () => {
    const busy = aStudy({ busy: { operation: 'op1', verb: 'backup', by: 'jonas' } });
    const talk = talkOf(busy);
    expect(talk.answer('1')).toContain('At work on it: jonas, backup.');

    const told = ['Deploy an image: jonas is at work on it: back up.'];
    expect(talk.answer('2')).toEqual(told);
    expect(talk.answer('2')).toEqual(told);
  });
});

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
      'Looking at what deploy of trust-game would change.',
    ]);
    expect(reviewed(talk)).toEqual([
      'What deploy of trust-game does:',
      'Restart oTree (trust-game_web): you asked for it.',
      'As a command: oforest deploy trust-game --image registry.test/lab/trust-game:v4',
      '1. Deploy now',
      '2. Cancel',
      'Type a number, or back: then nothing changes.',
    ]);
    expect(talk.answer('1')).toEqual(['The deploy of trust-game is being started.']);
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'start', people: { kind: 'refuse' } });
  });

  it('offers to wait first where people are in a session', () => {
    const { talk, told } = askedToDeploy(2);

    expect(told.slice(2)).toEqual([
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

    expect(talk.answer(line)[0]).toBe('trust-game is running. 2 people in a session.');
    expect(talk.effects.some(({ kind }) => kind === 'start')).toBe(false);
  });

  it('tells each step as it begins, and how it ended', () => {
    const { talk } = askedToDeploy(0);
    talk.answer('1');

    expect(started(talk)).toEqual([
      'The deploy of trust-game is operation op00000001. You can leave: the keeper on the server runs it.',
      '1. Go back; what runs goes on.',
      '2. Ask the operation to stop where it safely can.',
      '3. See the logs of the study.',
      'You can type a number, or quit; it goes on.',
    ]);
    expect(happens(talk, { kind: 'operation-started', verb: 'deploy', stack: 'trust-game' })).toEqual([]);
    expect(happens(talk, { kind: 'step-started', step: 'try-image' })).toEqual([
      'Trying the image beside the running study.',
    ]);
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
      '1. Go back; what runs goes on.',
      '2. Open the study in the browser.',
      '3. Read out the address.',
      '4. See the logs of the study.',
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
      '1. Go back; what runs goes on.',
      '2. Do it again; it is reviewed first.',
      '3. Read out the report of the failure.',
      '4. See the logs of the study.',
      '5. Look again',
      'Type a number, or quit.',
    ]);
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
    expect(talk.answer('1')).toEqual(['Looking at what deploy of trust-game would change.']);
  });
});

describe('an image', () => {
  it('need not be typed where it ran before', () => {
    const talk = talkOf(aStudy({ experiment: 'ant', image: 'registry.test/lab/ant:v1' }), trust);

    expect(talk.answer('New experiment')).toEqual([
      'A new experiment. The name becomes the first part of its address, and people will type it.',
      'It has 3 to 24 of a to z, 0 to 9 and single dashes.',
      'Type its name, or back. Nothing changes yet: its image is asked for next.',
    ]);
    expect(talk.answer('trust-game')).toEqual(['trust-game is there already. To update it, deploy from its own menu.']);
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

describe('going back', () => {
  it('offers the releases that served, with when, by whom and whether they fit the data', () => {
    const talk = talkOf(trust);
    const number = actionsFor(trust).findIndex(({ id }) => id === 'rollback') + 1;
    talk.answer('1');
    expect(talk.answer(String(number))).toEqual(['Reading the releases of trust-game.']);

    const told = talk.tell({
      kind: 'study-read',
      stack: 'trust-game',
      status: { parts: [] } as unknown as ExperimentStatus,
      people: undefined,
      releases: [aRelease(3, { serving: true }), aRelease(2, { fits: 'other-pages' })],
    });

    expect(told).toEqual([
      'Which release of trust-game shall run again? Its data stays as it is.',
      '1. Release 2, 10 days ago by ada, registry.test/lab/trust-game:v2: its pages are others; its trial tells whom that would move.',
      'Type a number, or back. Nothing changes yet: what would is told next.',
    ]);
    talk.answer('1');
    expect(talk.effects.at(-1)).toMatchObject({ asked: { verb: 'rollback', to: 2 } });
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
      'What reset of trust-game does:',
      'Restart oTree (trust-game_web): you asked for it.',
      'As a command: oforest reset trust-game --confirm trust-game',
      'Type trust-game to reset it, or back: then nothing changes.',
    ]);
    for (const line of ['1', 'yes', 'trust', 'Trust-Game'])
      expect(talk.answer(line)).toEqual(['That is not trust-game. Nothing was changed.']);
    expect(talk.effects.some(({ kind }) => kind === 'start')).toBe(false);
    talk.answer('trust-game');
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'start', typed: 'trust-game' });
  });

  it('asks about people first, and does not tell the plan twice', () => {
    const { talk } = askedToReset(2);
    talk.answer('2');

    expect(talk.answer('the pilot is over')).toEqual([
      "As a command: oforest reset trust-game --interrupt 'the pilot is over' --confirm trust-game",
      'Type trust-game to reset it, or back: then nothing changes.',
    ]);
  });
});

describe('waiting', () => {
  beforeEach(() => void vi.useFakeTimers({ now: someNow }));
  afterEach(() => void vi.useRealTimers());

  function waiting() {
    const talk = openTalk(aTuiState({ studies: [trust] }), { now: Date.now });
    for (const line of ['1', '1', '1']) talk.answer(line);
    reviewed(talk, 2);
    talk.answer('1');
    return talk;
  }
  const says = (talk: OpenTalk, sentence: string) =>
    talk.tell({ kind: 'waiting', serial: topScreen(talk.state).serial, sentence });

  it('is told at once, and then every 30 s with what is true then, however often that changes', () => {
    const talk = waiting();

    expect(says(talk, 'Waiting: 2 people are on a page.')).toEqual([
      'Waiting: 2 people are on a page.',
      'You can type back: then it is not started.',
    ]);
    for (let second = 1; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000);
      expect(says(talk, `Waiting: ${second} people are on a page.`)).toEqual([]);
    }
    vi.advanceTimersByTime(1_000);
    expect(talk.heard()).toEqual(['Still waiting, 30 seconds so far: Waiting: 29 people are on a page.']);
    vi.advanceTimersByTime(30_000);
    expect(talk.heard()).toEqual(['Still waiting, 60 seconds so far: Waiting: 29 people are on a page.']);
  });

  it('is silent where nothing goes on', () => {
    const talk = openTalk(aTuiState({ studies: [trust] }), { now: Date.now });
    talk.heard();

    vi.advanceTimersByTime(600_000);
    expect(talk.heard()).toEqual([]);
  });
});

describe('a script of answers', () => {
  it('is answered one by one, each when what goes on has ended, and left at its end', () => {
    const talk = openTalk(aTuiState({ studies: undefined }), { isScript: true });
    for (const line of ['1', '1', '1', '1']) talk.talk.hear(line);
    talk.talk.endOfLines();
    expect(talk.state.screens).toHaveLength(1);

    talk.tell(compared(trust));
    expect(topScreen(talk.state).name).toBe('review');
    reviewed(talk);
    started(talk);
    expect(talk.effects.some(({ kind }) => kind === 'leave')).toBe(false);
    happens(talk, { kind: 'operation-failed', error: failed });
    expect(talk.effects.at(-1)).toEqual({ kind: 'leave', exitCode: 0 });
  });
});

it('prints nothing that a screen reader cannot read, whatever comes from outside', () => {
  const talk = talkOf(aStudy({ experiment: 'evil\u001b[2J\r█│', owner: '\u001b' }), dictator);
  for (const line of ['help', 'evil\u001b', 'back', '1', '1', 'x\u001b[31m', 'back', 'activity', '\u0007'])
    talk.answer(line);

  expect(talk.all.join('\n')).not.toMatch(/[^\P{C}\n]|[\u2500-\u25ff]/u);
  expect(talk.all.filter((line, index) => line === talk.all[index - 1])).toEqual([]);
});

describe('the logs', () => {
  it('are told line by line as they come, without one twice', () => {
    const talk = talkOf(trust);
    talk.answer('1');
    const number = actionsFor(trust).findIndex(({ id }) => id === 'logs') + 1;
    expect(talk.answer(String(number))[0]).toBe('Logs of trust-game, oTree and the database, newest last.');
    const { serial } = topScreen(talk.state);

    const told = talk.tell({ kind: 'log-lines', serial, lines: [aLine('one'), aLine('ERROR two', { second: 1 })] });
    const more = talk.tell({ kind: 'log-lines', serial, lines: [aLine('three', { second: 2 })] });

    expect(told.map(afterTime)).toEqual(['oTree: one', 'oTree, error: ERROR two']);
    expect(more.map(afterTime)).toEqual(['oTree: three']);
    expect(talk.answer('error')[0]).toBe('Logs of trust-game, oTree and the database, lines with error, newest last.');
    expect(talk.answer('').map(afterTime).slice(1, 3)).toEqual(['oTree, error: ERROR two', '1. Go back']);
  });

  const afterTime = (line: string) => line.replace(/^[0-9:]{8}, /, '');
});
