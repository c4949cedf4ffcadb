import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import type { ParticipantLink } from '../../../../../src/core/index.ts';
import { shownLines } from '../../support/press.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { effectsOf, walkFrom } from '../../support/walk.ts';

const study = aStudy({ experiment: 'trust-game', environment: 'staging', stack: 'trust-game--staging' });
const room: ParticipantLink = {
  ...{ kind: 'room', name: 'econ_lab', tried: 'answers' },
  url: 'https://trust-game.lab.test/room/econ_lab',
};
const session: ParticipantLink = {
  ...{ kind: 'session', name: 'trust, pilot', tried: 'not tried' },
  url: 'https://trust-game.lab.test/join/vepufoti',
};

const opened = (size = { columns: 80, rows: 24 }) => walkFrom(aTuiState({ size, studies: [study] })).press('p');
const read = (links: readonly ParticipantLink[], size?: { columns: number; rows: number }) => {
  const walk = opened(size);
  return walk.hear({ kind: 'links-read', serial: topScreen(walk.state).serial, links });
};

describe('the links that participants get', () => {
  it('are asked for when they are opened, by the key and by their words', () => {
    const walk = opened();
    const { serial } = topScreen(walk.state);
    expect(effectsOf(walk, 'read-links')).toEqual([{ kind: 'read-links', serial, stack: study.stack }]);
    expect(shownLines(walk.state).join('\n')).toContain('Asking trust-game--staging for its rooms and sessions');

    const byWords = walkFrom(aTuiState({ studies: [study] }))
      .press(':')
      .type('participant')
      .press('Enter');
    expect(topScreen(byWords.state).name).toBe('links');
  });

  it('are shown with whether they were tried, and with the command', () => {
    const shown = shownLines(read([room, session], { columns: 120, rows: 40 }).state).join('\n');

    expect(shown).toContain('Room     econ_lab            ✔ answers    https://trust-game.lab.test/room/econ_lab');
    expect(shown).toContain('Session  trust, pilot        · not tried  https://trust-game.lab.test/join/vepufoti');
    expect(shown).toContain('Same as:  oforest links trust-game --env staging');
  });

  it.each([
    [40, 8],
    [60, 15],
  ])('are there in full on a screen of %i columns and %i rows', (columns, rows) => {
    const shown = shownLines(read([room, session], { columns, rows }).state).map((row) => row.trim());

    expect(shown.join('')).toContain(room.url);
  });

  it('are copied and opened one by one', () => {
    const walk = read([room, session]).press('Enter', 'Down', 'c', 'o');

    expect(effectsOf(walk, 'copy').map(({ text }) => text)).toEqual([room.url, session.url]);
    expect(effectsOf(walk, 'browse')).toEqual([{ kind: 'browse', url: session.url }]);
    expect(shownLines(walk.state).join('\n')).toContain('takes a seat');
  });

  it('are made on the admin page where there are none', () => {
    const walk = read([]);

    expect(shownLines(walk.state).join('\n')).toContain('No room and no session yet');
    expect(shownLines(walk.state).join('\n')).toContain('m  Admin page');
    expect(topScreen(walk.press('m').state).name).toBe('admin');
  });

  it('say why they cannot be read, and are asked for again', () => {
    const walk = opened();
    const { serial } = topScreen(walk.state);
    const failed = walk.hear({
      kind: 'links-unread',
      serial,
      error: { code: 'experiment-stopped', what: 'asking for its links', why: 'oTree does not run.' },
    });

    expect(shownLines(failed.state).join('\n')).toContain('oTree does not run.');
    expect(effectsOf(failed.press('r'), 'read-links')).toHaveLength(2);
  });
});
