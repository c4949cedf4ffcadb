import { describe, expect, it } from 'vitest';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { type ErrorCode, errorCodes } from '../../../../src/core/errors.ts';
import type { ErrorFacts } from '../../../../src/core/index.ts';
import { peopleSeen } from '../support/reviews.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';
import { textOf } from '../support/text-of.ts';
import { effectsOf, type Walk, walkFrom } from '../support/walk.ts';
import { refused, reviewed } from '../support/walk-reviews.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];
const sizes: readonly Size[] = [
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
];
const study = aStudy({ experiment: 'trust-game' });
const stack = study.stack;

/** Each sentence as long as the longest of its kind that there is, or nearly. */
const longest = (code: ErrorCode): ErrorFacts => ({
  code,
  what: 'deploying registry.example.edu/lab/trust-game:v4 as trust-game on swarm.lab.example.edu',
  why: 'Its ED25519 key is now SHA256:47DEQpj8HBSaTImW5JCeuQeRkm5NMpJWZG3hSuFU; /home/ada/.ssh/known_hosts:12 says SHA256:uNiVztksCsDhcc0u9e8BgrJXVGzpK7dZ. Somebody may be listening in.',
  now: 'Swarm itself finishes an update or takes it back; participants see one of the two releases. Data is whole.',
  hint: 'Remove the line with AUTH_LEVEL from settings.py (oForest sets OTREE_AUTH_LEVEL=STUDY) and build again.',
  details: { verdict: 'adds-columns' },
});
const usual = (code: ErrorCode): ErrorFacts => ({
  code,
  what: 'deploying trust-game',
  why: 'Swarm gave up on its task.',
  now: 'v3 serves, untouched.',
  hint: 'Look at its logs, then deploy again.',
});

/** Every place where a failure is shown. */
const places: Readonly<Record<string, (from: Walk, error: ErrorFacts) => Walk>> = {
  'a review that is refused': (from, error) => refused(from.press('Enter', 't'), error),
  'a start that is refused': (from, error) => refused(reviewed(from.press('Enter', 't')).press('Enter'), error),
  'an operation that failed': (from, error) => failing(from, error),
  'whatever else was asked for': (from, error) => from.hear({ kind: 'failed', error }),
  'a study that cannot be read': (from, error) => from.press('Enter').hear({ kind: 'study-unread', stack, error }),
  'a review while something else failed': (from, error) =>
    reviewed(from.press('Enter', 't'), { people: 24 }).hear({ kind: 'failed', error }),
  'backups that cannot be read': (from, error) => {
    const opened = from.press('2');
    return opened.hear({ kind: 'backups-unread', stack, error });
  },
  'a server that cannot be checked': (from, error) => from.press('4').hear({ kind: 'unchecked', error }),
  'a log that cannot be read': (from, error) => {
    const opened = from.press('l');
    const { serial } = topScreen(opened.state);
    const feed = { kind: 'broken', error } as const;
    return opened.hear({ kind: 'log-feed', serial, part: 'web', feed }, { kind: 'log-feed', serial, part: 'db', feed });
  },
  'a server that was never reached': (from, error) => offline(walkFrom({ ...from.state, studies: undefined }), error),
  'a server that only a person can mend': (from, error) =>
    from.hear({ kind: 'linked', link: { kind: 'offline', since: someNow, error, nextTryAt: 'when-asked' } }),
  'a server that does not answer, on the tab of its check': (from, error) => offline(from, error).press('4'),
};

function offline(from: Walk, error: ErrorFacts): Walk {
  return from.hear({ kind: 'linked', link: { kind: 'offline', since: someNow, error, nextTryAt: someNow + 4_000 } });
}

function failing(from: Walk, error: ErrorFacts): Walk {
  const asked = reviewed(from.press('Enter', 't')).press('Enter');
  const { serial } = effectsOf(asked, 'start').at(-1) ?? { serial: 0 };
  const started = asked.hear({ kind: 'started', serial, operation: 'op7f3', where: 'keeper' });
  const told = { at: '2026-11-20T14:02:00Z', operation: 'op7f3' };
  return started.hear({
    kind: 'event',
    serial: topScreen(started.state).serial,
    event: { ...told, kind: 'operation-failed', error },
  });
}

/** As it is read: one line, with single spaces. */
const read = (state: TuiState) => textOf(state).join(' ').replaceAll(/\s+/g, ' ');

/**
 * That the server is gone is told by the line at the top, not by the study that could not be read for it; and what was
 * cancelled did not fail.
 */
const toldAt = (place: string) =>
  codes.filter(
    (code) =>
      !(place === 'a study that cannot be read' && errorCodes[code] === 6) &&
      !(place === 'an operation that failed' && code === 'operation-cancelled'),
  );

describe.each(Object.entries(places))('%s', (place, shownAt) => {
  const at = (size: Size, error: ErrorFacts) => shownAt(walkFrom(aTuiState({ studies: [study], size })), error);

  it.each(sizes)('says what, why, now, to do and the code at $columns columns, whatever failed', (size) => {
    for (const code of toldAt(place)) {
      const text = read(at(size, usual(code)).state);
      expect(text).toMatch(
        new RegExp(
          `Failed: deploying trust-game Why Swarm gave up on its task\\. Now v3 serves, untouched\\. To do Look at its logs, then deploy again\\. Code ${code}\\b`,
        ),
      );
    }
  });

  it.each(sizes)('keeps what, to do and code at $columns columns, however much there is to say', (size) => {
    for (const code of toldAt(place)) {
      const error = longest(code);
      const text = read(at(size, error).state);
      expect(text).toContain('Failed: deploying registry.example.edu/lab/');
      expect(text).toContain(`To do ${error.hint}`);
      expect(text).toContain(`Code ${code}`);
    }
  });

  it('stays, whatever else happens', () => {
    const shown = at({ columns: 80, rows: 24 }, usual('docker-denied'));
    const people = peopleSeen(stack, 24);
    const later = shown.hear({ kind: 'said', text: 'Copied.' }, { kind: 'people-seen', people }).press('x');

    expect(read(later.state)).toContain('Code docker-denied');
  });
});

it('leaves the question of a review to be seen, and is put away by Esc', () => {
  const size = { columns: 60, rows: 15 };
  const asked = reviewed(walkFrom(aTuiState({ studies: [study], size })).press('Enter', 't'), { people: 24 });
  const failed = asked.hear({ kind: 'failed', error: longest('misfit') });

  for (const told of [
    '24 people',
    'Wait until nobody is in a session',
    'interrupt them',
    'Cancel',
    'Esc puts this away',
  ])
    expect(read(failed.state)).toContain(told);
  expect(textOf(failed.press('Esc').state)).toEqual(textOf(asked.state));
});
