import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { Secret } from '../../../../../src/core/index.ts';
import { shownLines } from '../../support/press.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { effectsOf, walkFrom } from '../../support/walk.ts';

const password = 'tulip-canary-77';
const study = aStudy();

function opened() {
  const walk = walkFrom(aTuiState({ studies: [study] })).press('m');
  const { serial } = topScreen(walk.state);
  const access = { url: 'https://trust-game.lab.test/sessions', user: 'admin', password: new Secret(password) };
  return walk.hear({ kind: 'admin-read', serial, access });
}
const shownOf = ({ state }: ReturnType<typeof opened>) => shownLines(state).join('\n');

describe('the admin page', () => {
  it('is told with its address and user, and without the password', () => {
    const shown = shownOf(opened());

    expect(shown).toContain('https://trust-game.lab.test/sessions');
    expect(shown).toMatch(/User +admin/);
    expect(shown).toContain('Same as:  oforest admin trust-game');
    expect(shown).not.toContain(password);
  });

  it('shows the password on request, and hides it on request', () => {
    expect(shownOf(opened().press('s'))).toContain(password);
    expect(shownOf(opened().press('Down', 'Down', 'Enter'))).toContain(password);
    expect(shownOf(opened().press('s', 's'))).not.toContain(password);
  });

  it.each([
    ['help', ['?', 'Esc']],
    ['the palette', [':', 'Esc']],
    ['the list', ['Esc', 'm']],
  ])('has hidden it again for whoever was on %s meanwhile', (_, keys) => {
    expect(shownOf(opened().press('s', ...keys))).not.toContain(password);
  });

  it('never writes the password into what is kept or told of it', () => {
    const walk = opened().press('s', 'c');

    expect(JSON.stringify([walk.state, walk.effects])).not.toContain(password);
    expect(inspect([walk.state, walk.effects], { depth: 9 })).not.toContain(password);
    expect(effectsOf(walk, 'copy').map(({ text, what }) => [text instanceof Secret && text.reveal(), what])).toEqual([
      [password, 'The password'],
    ]);
  });

  it('is opened in the browser', () => {
    expect(effectsOf(opened().press('Enter'), 'browse')).toEqual([
      { kind: 'browse', url: 'https://trust-game.lab.test/sessions' },
    ]);
  });
});
