import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { aRelease, aStudy, aTuiState } from '../../support/states.ts';
import { textOf } from '../../support/text-of.ts';
import { walkFrom } from '../../support/walk.ts';
import { lastReview } from '../../support/walk-reviews.ts';

const study = aStudy({ experiment: 'trust-game' });
const releases = [
  aRelease(4, { state: 'failed' }),
  aRelease(3, { serving: true }),
  aRelease(2, { fits: 'other-pages' }),
  aRelease(1, { image: 'registry.test/lab/trust-game:v2' }),
];
const details = { 'trust-game': { status: undefined, releases, people: undefined } };
const list = (more = {}) => walkFrom(aTuiState({ studies: [study], details, ...more }));

describe('choosing an image', () => {
  it('begins with the one that runs', () => {
    expect(lastReview(list().press('d', 'Enter')).asked).toMatchObject({ image: 'registry.test/lab/trust-game:v3' });
  });

  it('proposes each that ran before, so that none has to be typed', () => {
    expect(textOf(list().press('d').state).filter((line) => line.includes('ago'))).toHaveLength(3);
    const asked = list().press('d', 'Down', 'Down', 'Enter');
    expect(lastReview(asked).asked).toMatchObject({ image: 'registry.test/lab/trust-game:v2' });
  });

  it('proposes what is proven before what failed, and says so', () => {
    const proposed = textOf(list().press('d').state).filter((line) => line.includes('ago'));

    expect(proposed.map((line) => line.trim().replace(/ +/g, ' '))).toEqual([
      'registry.test/lab/trust-game:v3 v3, 10 d ago',
      'registry.test/lab/trust-game:v2 v2, 10 d ago',
      'registry.test/lab/trust-game:v4 v4, failed, 10 d ago',
    ]);
  });

  it('takes what is typed or pasted, whatever was under the cursor', () => {
    const typed = list().press('d', 'Down', 'Ctrl-U').paste('registry.test/new:v5\n').press('Enter');

    expect(lastReview(typed).asked).toMatchObject({ image: 'registry.test/new:v5' });
  });

  it('asks for nothing while the field is empty', () => {
    expect(topScreen(list().press('d', 'Ctrl-U', 'Enter').state).name).toBe('image');
  });
});

describe('a new experiment', () => {
  it('says while it is typed why a name cannot be taken, and goes no further', () => {
    const typed = list().press('n').type('Öko');

    expect(textOf(typed.state).join('\n')).toMatch(/made of lower-case letters.*Write it as oko\./s);
    expect(topScreen(typed.press('Enter').state).name).toBe('new-study');
  });

  it('is not one that is there already', () => {
    const typed = list().press('n').type('trust-game');

    expect(textOf(typed.state).join('\n')).toContain('trust-game is there already.');
    expect(topScreen(typed.press('Enter').state).name).toBe('new-study');
  });

  it('asks for its image and then what that would change', () => {
    const named = list().press('n').type('dictator').press('Enter');
    expect(textOf(named.state).join('\n')).toContain('Or one that another experiment runs:');

    expect(lastReview(named.press('Down', 'Enter')).asked).toEqual({
      verb: 'deploy',
      study: { experiment: 'dictator', environment: 'production', stack: 'dictator' },
      image: 'registry.test/lab/trust-game:v3',
    });
  });
});

describe('rolling back', () => {
  it('offers the releases that served, with what is known of their fit', () => {
    const lines = textOf(list().press('b').state);

    expect(lines.filter((line) => /^ {2}[ ❯] v\d/.test(line)).map((line) => line.slice(4, 6))).toEqual(['v2', 'v1']);
    expect(lines.join('\n')).toContain('v2: its pages are others');
  });

  it('proposes the newest before, and takes another one', () => {
    expect(lastReview(list().press('b', 'Enter')).asked).toMatchObject({ verb: 'rollback', to: 2 });
    expect(lastReview(list().press('b', 'Down', 'Enter')).asked).toMatchObject({ verb: 'rollback', to: 1 });
  });

  it('waits for the releases, and says so where there is none', () => {
    const unread = list({ details: {} }).press('b');
    expect(unread.effects.at(-1)).toEqual({ kind: 'read-study', stack: 'trust-game' });
    expect(topScreen(unread.press('Enter').state).name).toBe('rollback');

    const only = { 'trust-game': { ...details['trust-game'], releases: [aRelease(3, { serving: true })] } };
    expect(textOf(list({ details: only }).press('b').state).join('\n')).toContain('no earlier release');
  });

  it('says why where they could not be read', () => {
    const error = { code: 'timed-out', what: 'reading trust-game', why: 'No answer.' } as const;
    const unread = list({ details: {} }).press('b').hear({ kind: 'study-unread', stack: 'trust-game', error });

    expect(textOf(unread.state).join('\n')).toMatch(/Failed: reading trust-game\n +Why +No answer\./);
  });
});
