import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Action, actions, actionsFor, begin, generalActions } from '../../../../src/cli/tui/model/actions.ts';
import { globalBindings } from '../../../../src/cli/tui/model/global-bindings.ts';
import type { Key } from '../../../../src/cli/tui/model/keys.ts';
import type { Next } from '../../../../src/cli/tui/model/next.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { bindingsOf, isTypedInto, screenNames } from '../../../../src/cli/tui/model/screens.ts';
import { type Study, type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { registeredKeys } from '../support/keyboard.ts';
import { diceOf, randomState } from '../support/random-states.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';
import { drawnNow } from '../support/walk.ts';

const kinds: readonly Study[] = [
  aStudy(),
  aStudy({ state: 'stopped' }),
  aStudy({ state: 'deleted' }),
  aStudy({ busy: { operation: 'op1', verb: 'deploy', by: 'jonas' } }),
];

/** What came of it, without the numbers that tell one opening from the next. */
function outcomeOf({ state, effects }: Next): string {
  const withoutSerial = (name: string, value: unknown) => (name === 'serial' ? undefined : value);
  const wanted = effects.filter(({ kind }) => kind !== 'close');
  const isDoneHere = state.notice !== undefined || wanted.some(({ kind }) => kind === 'copy' || kind === 'browse');
  return JSON.stringify([isDoneHere ? state.notice : topScreen(state), wanted], withoutSerial);
}

/** Fewest keys to each outcome, of those keys alone. */
function distances(start: TuiState, keys: readonly Key[], limit: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const known = new Set<string>();
  let edge: readonly TuiState[] = [start];
  for (let distance = 1; distance <= limit && edge.length > 0; distance += 1) {
    const next: TuiState[] = [];
    for (const state of edge)
      for (const key of keys) {
        const seen = reduce(state, drawnNow(state), someNow).state;
        const done = reduce(seen, { kind: 'key', key }, someNow);
        const outcome = outcomeOf(done);
        if (!found.has(outcome)) found.set(outcome, distance);
        const place = JSON.stringify(done.state.screens.map(({ serial: _, ...screen }) => screen));
        if (done.state.screens.length > 3 || known.has(place)) continue;
        known.add(place);
        next.push(done.state);
      }
    edge = next;
  }
  return found;
}

const listOf = (study: Study) => aTuiState({ studies: [study] });
const outcomeIn = (action: Action, study: Study) => outcomeOf(begin(action, listOf(study), study));
const generalOutcomes = generalActions.map(({ id, run }) => [id, outcomeOf(run(aTuiState({ studies: kinds })))]);

describe('everything that can be done', () => {
  it.each(kinds)('with a study that is $state is at most three keys from the list', (study) => {
    const reach = distances(listOf(study), registeredKeys, 3);

    const far = actionsFor(study).filter((action) => !reach.has(outcomeIn(action, study)));
    expect(far.map(({ id }) => id)).toEqual([]);
  });

  it.each(kinds)('with a study that is $state can be done with arrows, Enter and Esc alone', (study) => {
    const reach = distances(listOf(study), ['Up', 'Down', 'Enter', 'Esc'], 20);

    const far = actionsFor(study).filter((action) => !reach.has(outcomeIn(action, study)));
    expect(far.map(({ id }) => id)).toEqual([]);
  });

  it.each(kinds)('with a study that is $state is in the palette', (study) => {
    const opened = reduce(listOf(study), { kind: 'key', key: ':' }, someNow).state;
    const reach = distances(opened, ['Down', 'Enter'], 30);

    const missing = actionsFor(study).filter((action) => !reach.has(outcomeIn(action, study)));
    expect(missing.map(({ id }) => id)).toEqual([]);
    expect(generalOutcomes.filter(([, outcome]) => !reach.has(outcome ?? ''))).toEqual([]);
  });

  it('fits some study', () => {
    expect(actions.filter(({ fits }) => !kinds.some(fits))).toEqual([]);
  });

  it('that destroys has no key in the list', () => {
    const reach = distances(listOf(aStudy()), registeredKeys, 1);

    const near = actions.filter(({ tier, fits }) => tier === 'final' && fits(aStudy()));
    expect(near.filter((action) => reach.has(outcomeIn(action, aStudy())))).toEqual([]);
  });
});

describe('the keys', () => {
  it('of one screen never do two things at the same time', () => {
    const twice = new Set<string>();
    for (let seed = 0; seed < 400; seed += 1) {
      const state = randomState(diceOf(seed), { columns: 80, rows: 24 });
      const top = topScreen(state);
      const active = bindingsOf(top.name).filter(({ when }) => when?.(state, top) ?? true);
      const keys = active.flatMap((binding) => binding.keys);
      for (const key of keys.filter((one, index) => keys.indexOf(one) !== index)) twice.add(`${top.name}: ${key}`);
    }
    expect([...twice]).toEqual([]);
  });

  it('of what can be done hide none that moves about or works everywhere', () => {
    const general = globalBindings.flatMap(({ keys }) => keys);
    const moving = ['Up', 'Down', 'Left', 'Right', 'Enter', 'Esc', 'Home', 'End', 'j', 'k', 'a', '/', 'S', 'z'];

    const own = [...actions, ...generalActions].map(({ key }) => key);
    expect(own.filter((key) => general.includes(key) || moving.includes(key))).toEqual([]);
  });

  it('of what destroys are capitals, and of nothing else that changes a study', () => {
    const changing = actions.filter(({ tier }) => tier !== 'look');

    expect(changing.filter(({ key, tier }) => /[A-Z]/.test(key) !== (tier === 'final'))).toEqual([]);
  });

  it('are each explained, and every screen says how it is left', () => {
    const all = screenNames.flatMap(bindingsOf);

    expect(all.filter(({ does }) => does.trim() === '')).toEqual([]);
    for (const name of screenNames) expect(bindingsOf(name).flatMap(({ keys }) => keys)).toContain('Esc');
  });

  it('are named in the registry alone: nothing else compares one', () => {
    const root = 'src/cli/tui';
    const offending = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && file !== 'model/keys.ts')
      .filter((file) => /\bkey\s*[!=]==?\s*['"`]|['"`]\s*[!=]==?\s*key\b/.test(readFileSync(join(root, file), 'utf8')));

    expect(offending).toEqual([]);
  });

  it('that a field takes for itself are letters and those that move in it', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const state = randomState(diceOf(seed), { columns: 80, rows: 24 });
      const top = topScreen(state);
      if (!isTypedInto(top)) continue;
      const seen = reduce({ ...state, failure: undefined }, drawnNow(state), someNow).state;
      const { effects } = reduce(seen, { kind: 'key', key: 'q' }, someNow);
      expect(effects.map(({ kind }) => kind)).not.toContain('leave');
    }
  });
});
