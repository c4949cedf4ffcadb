import { expect, it } from 'vitest';
import { say } from '../../../src/cli/lines/say.ts';
import { spokenLine } from '../../../src/cli/lines/words.ts';
import { topScreen } from '../../../src/cli/tui/model/state.ts';
import { tabs } from '../../../src/cli/tui/model/tabs.ts';
import { diceOf, randomState } from '../tui/support/random-states.ts';
import { aStudy, aTuiState } from '../tui/support/states.ts';
import { openTalk } from './support/open-talk.ts';

const size = { columns: 200, rows: 1_000 };
const unheard = /\p{Cc}|[\u2500-\u25ff]/u;

it('whatever the state, nothing is printed that a screen reader cannot read, and no line twice in a row', () => {
  const screens = new Set<string>();
  for (let seed = 1; seed <= 400; seed += 1) {
    const state = randomState(diceOf(seed), size);
    screens.add(topScreen(state).name);
    const talk = openTalk(state);
    for (const line of ['help', '', 'more']) talk.talk.hear(line);

    expect(talk.all.filter((line) => unheard.test(line) || line.trim() === '')).toEqual([]);
    expect(talk.all.filter((line, index) => line === talk.all[index - 1])).toEqual([]);
    expect(talk.all.length).toBeGreaterThan(0);
  }
  expect(screens.size).toBeGreaterThan(8);
});

it('every number that is read out can be typed, in whatever state', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const state = randomState(diceOf(seed), size);
    for (const { label, run } of say(state).choices) {
      expect(spokenLine(label), `seed ${seed}`).not.toBe('');
      expect(() => run(state), `seed ${seed}: ${label}`).not.toThrow();
    }
  }
});

it.each(tabs.map(({ name, label }) => [label, name] as const))('%s is opened by its name', (label, name) => {
  const talk = openTalk(aTuiState({ studies: [aStudy()] }));

  talk.answer(label.toLowerCase());

  expect(topScreen(talk.state).name).toBe(name);
});

it('the backups that are asked for by name are those of all experiments: there is no cursor to be heard', () => {
  const talk = openTalk(aTuiState({ studies: [aStudy(), aStudy({ experiment: 'dictator' })] }));

  expect(talk.answer('backups')).toEqual(['Looking for the backups of all experiments.']);
  expect(talk.effects.at(-1)).toMatchObject({ kind: 'read-backups', stacks: ['trust-game', 'dictator'] });
});
