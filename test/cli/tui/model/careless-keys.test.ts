import { describe, expect, it } from 'vitest';
import type { Key } from '../../../../src/cli/tui/model/keys.ts';
import { hitKeys, wrongsIn } from '../support/careless.ts';
import { carelessRuns } from '../support/careless-runs.ts';
import { registeredKeys } from '../support/keyboard.ts';
import { diceOf } from '../support/random-states.ts';
import { aStudy, aTuiState } from '../support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../support/walk.ts';
import { reviewed } from '../support/walk-reviews.ts';

const harmless = ['deploy', 'rollback', 'start', 'stop', 'restart', 'backup', 'undo', 'undelete'];
const final = ['reset', 'delete', 'purge'];

describe('keys that are hit without looking', () => {
  it('start nothing that wants a name, an eye or a reason', () => {
    const runs = Array.from({ length: 1_500 }, (_, seed) => hitKeys(diceOf(seed), { count: 200 }));

    expect(runs.flatMap(wrongsIn)).toEqual([]);
    // Or nothing was tried: all kinds of starts were among them.
    const started = runs.flatMap((run) => run.started.map(({ effect }) => effect));
    expect(new Set(started.map(({ people }) => people.kind))).toEqual(new Set(['refuse', 'wait', 'interrupt']));
    expect(new Set(started.map(({ asked }) => asked.verb))).toEqual(new Set(harmless));
    expect(new Set(runs.flatMap((run) => run.reviewed.map(({ verb }) => verb)))).toEqual(
      new Set([...harmless, ...final]),
    );
  });
});

it('100,000 runs of 200 keys start nothing that nobody meant', { timeout: 900_000 }, async () => {
  const { runs, started, wrongs } = await carelessRuns({ runs: 100_000, keys: 200 });

  expect(wrongs).toEqual([]);
  // Or nothing was tried.
  expect(runs).toBe(100_000);
  expect(started).toBeGreaterThan(1_000);
});

describe('one key held down', () => {
  const people = 24;
  const list = () => walkFrom(aTuiState({ studies: [aStudy({ experiment: 'trust-game', people })] }));
  const answered = (walk: Walk, before: Walk) =>
    effectsOf(walk, 'review').length > effectsOf(before, 'review').length ? reviewed(walk, { people }) : walk;
  const held = (key: Key, from: Walk) =>
    Array.from({ length: 60 }).reduce<Walk>((walk) => answered(walk.press(key), walk), from);
  const started = (walk: Walk) =>
    effectsOf(walk, 'start').filter(({ asked, people: how }) => asked.verb !== 'backup' && how.kind !== 'wait');

  it.each(registeredKeys)('disturbs nobody: %s, alone and with Enter after it', (key) => {
    for (const from of [list(), list().press('Enter'), list().press('Enter', ...Array(9).fill('Down'))]) {
      expect(started(held(key, from))).toEqual([]);
      const opened = answered(from.press(key), from);
      expect(started(held('Enter', opened))).toEqual([]);
    }
  });
});
