import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { News } from '../../../src/cli/tui/model/messages.ts';
import { topScreen } from '../../../src/cli/tui/model/state.ts';
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
