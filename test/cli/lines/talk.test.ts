import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { News } from '../../../src/cli/tui/model/messages.ts';
import { topScreen } from '../../../src/cli/tui/model/state.ts';
import { anActivity } from '../tui/support/activities.ts';
import { aStudy, aTuiState, someNow } from '../tui/support/states.ts';
import { type OpenTalk, openTalk } from './support/open-talk.ts';
import { compared, dictator, failed, happens, reviewed, started, talkOf, trust } from './support/talks.ts';

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
    talk.tell({ kind: 'waiting', serial: talk.state.waits[0]?.id ?? 0, sentence });

  it('is told at once, and then every 30 s with what is true then, however often that changes', () => {
    const talk = waiting();

    expect(says(talk, 'Waiting: 2 people are on a page.')).toEqual(['Waiting: 2 people are on a page.']);
    for (let second = 1; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000);
      expect(says(talk, `Waiting: ${second} people are on a page.`)).toEqual([]);
    }
    vi.advanceTimersByTime(1_000);
    expect(talk.heard()).toEqual(['Still waiting, 30 seconds so far: 29 people are on a page.']);
    vi.advanceTimersByTime(30_000);
    expect(talk.heard()).toEqual(['Still waiting, 60 seconds so far: 29 people are on a page.']);
  });

  it('never says the same twice, however long it lasts', () => {
    const talk = waiting();
    says(talk, 'Waiting: 2 people are on a page.');
    vi.advanceTimersByTime(30 * 60_000);

    const told = talk.heard();
    expect(told).toHaveLength(60);
    expect(new Set(told).size).toBe(60);
    expect(told.slice(1, 4)).toEqual([
      expect.stringContaining('Still waiting, 60 seconds so far'),
      expect.stringContaining('Still waiting, 1 minute and 30 seconds so far'),
      expect.stringContaining('Still waiting, 2 minutes so far'),
    ]);
  });

  it('says something at least every 30 s of a deployment that lasts half an hour, and never the same', () => {
    const times: number[] = [Date.now()];
    const talk = openTalk(aTuiState({ studies: [trust] }), { now: Date.now, heard: () => times.push(Date.now()) });
    for (const line of ['1', '1', '1']) talk.answer(line);
    reviewed(talk);
    talk.answer('1');
    started(talk);
    happens(talk, { kind: 'operation-started', verb: 'deploy', stack: 'trust-game' });
    const steps = ['record-release', 'try-image', 'guard', 'update-web', 'prove'] as const;
    talk.heard();
    const said: string[] = [];
    for (let second = 0; second < 1_800; second += 1) {
      const step = second % 397 === 0 ? steps[second / 397] : undefined;
      if (step) said.push(...happens(talk, { kind: 'step-started', step }));
      said.push(...happens(talk, { kind: 'waiting', step: 'try-image', on: `something, for the ${second}. time` }));
      vi.advanceTimersByTime(1_000);
      said.push(...talk.heard());
    }

    const pauses = times.map((time, index) => time - (times[index - 1] ?? time));
    expect(Math.max(...pauses)).toBe(30_000);
    expect(said.filter((line, index) => said.indexOf(line) !== index)).toEqual([]);
    expect(said.length).toBeLessThan(70);
  });

  it('takes no answer before there is something to answer, and says so', () => {
    const talk = openTalk(aTuiState({ studies: undefined }), { now: Date.now });

    expect(talk.answer('1')).toEqual([
      '"1" came too early and is not taken.',
      'Not yet: asking lab for its experiments.',
    ]);
    expect(talk.tell(compared(trust))[0]).toBe('oForest, lab. 1 experiment.');
  });

  it('is silent where nothing goes on', () => {
    const talk = openTalk(aTuiState({ studies: [trust] }), { now: Date.now });
    talk.heard();

    vi.advanceTimersByTime(600_000);
    expect(talk.heard()).toEqual([]);
  });
});

describe('a script of answers', () => {
  function script(...lines: readonly string[]) {
    const talk = openTalk(aTuiState({ studies: [trust] }), { isScript: true });
    for (const line of lines) talk.talk.hear(line);
    talk.talk.endOfLines();
    return talk;
  }
  const leaves = ({ effects }: OpenTalk) => effects.filter(({ kind }) => kind === 'leave');

  it('is answered one by one, each when what goes on has ended, and left at its end', () => {
    const talk = openTalk(aTuiState({ studies: undefined }), { isScript: true });
    for (const line of ['1', '1', '1', '1', 'back']) talk.talk.hear(line);
    talk.talk.endOfLines();
    expect(talk.state.screens).toHaveLength(1);

    talk.tell(compared(trust));
    expect(topScreen(talk.state).name).toBe('review');
    reviewed(talk);
    started(talk);
    const result = { stack: 'trust-game', state: 'running', release: 4, url: '' } as const;
    happens(talk, { kind: 'operation-finished', result });
    expect(topScreen(talk.state).name).toBe('progress');
    expect(leaves(talk)).toEqual([]);
    talk.tell({ ...compared(trust), activity: [anActivity()] });
    expect(topScreen(talk.state).name).toBe('study');
    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode: 0 }]);
  });

  it('ends where an operation fails, with its exit code: what it answers next was meant for something else', () => {
    const talk = script('1', '1', '1', '1', '2', '1', '1');
    reviewed(talk);
    started(talk);

    const told = happens(talk, { kind: 'operation-failed', error: { ...failed, code: 'image-crashed' } });
    expect(told.at(-1)).toBe('The script ends here with exit code 8: no further answer is taken.');
    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode: 8 }]);
    expect(topScreen(talk.state).name).toBe('progress');
  });

  it('ends where a review is refused', () => {
    const talk = script('1', '1', '1', '1');

    talk.tell({ kind: 'refused', serial: topScreen(talk.state).serial, error: { ...failed, code: 'slot-booked' } });
    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode: 5 }]);
  });

  it.each([
    ['an experiment that is not there', ['trsut', '1', '1'], 3],
    ['a number that is not there', ['1', '99', '1'], 2],
    ['a word that fits nothing', ['1', 'fly', '1'], 2],
    ['a word that fits more than one', ['1', 'the', '1'], 2],
    ['a name that no experiment can have', ['new experiment', 'A', 'a-name'], 2],
  ])('ends at %s, and does nothing more', (_, lines, exitCode) => {
    const talk = script(...lines);

    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode }]);
    expect(talk.effects.some(({ kind }) => kind === 'review' || kind === 'start')).toBe(false);
  });

  it('ends where something cannot be done now', () => {
    const busy = aStudy({ busy: { operation: 'op1', verb: 'backup', by: 'jonas' } });
    const talk = openTalk(aTuiState({ studies: [busy] }), { isScript: true });
    for (const line of ['1', '2', '1']) talk.talk.hear(line);

    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode: 5 }]);
  });

  it.each([
    ['with another name', ['trust', 'trust-game']],
    ['without a name', []],
  ])('%s does not get what the name is typed for', (_, names) => {
    const talk = script('1', 'reset', ...names);

    const told = reviewed(talk);
    expect(told.at(-1)).toBe('The script ends here with exit code 7: no further answer is taken.');
    expect(leaves(talk)).toEqual([{ kind: 'leave', exitCode: 7 }]);
    expect(talk.effects.some(({ kind }) => kind === 'start')).toBe(false);
  });

  it('that says neither yes nor no is told that nothing was done', () => {
    const told = reviewed(script('1', '1', '1'));

    expect(told.slice(-2)).toEqual([
      'Nobody said yes to the deployment of trust-game: nothing was changed.',
      'The script ends here with exit code 7: no further answer is taken.',
    ]);
  });
});

it('prints nothing that a screen reader cannot read, whatever comes from outside', () => {
  const talk = talkOf(aStudy({ experiment: 'evil\u001b[2J\r█│', owner: '\u001b' }), dictator);
  for (const line of ['help', 'evil\u001b', 'back', '1', '1', 'x\u001b[31m', 'back', 'activity', '\u0007'])
    talk.answer(line);

  expect(talk.all.join('\n')).not.toMatch(/[^\P{C}\n]|[\u2500-\u25ff]/u);
  expect(talk.all.filter((line, index) => line === talk.all[index - 1])).toEqual([]);
});
