import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { Secret } from '../../../../src/core/index.ts';
import { talkOf, trust } from '../support/talks.ts';

describe('links and the admin page in lines', () => {
  it('are read out in full, and opened by number', () => {
    const talk = talkOf(trust);
    talk.answer('1');
    expect(talk.answer('participant links')).toEqual(['Asking trust-game for its rooms and sessions.']);
    const { serial } = topScreen(talk.state);
    const url = 'https://trust-game.lab.test/room/econ_lab';

    const told = talk.tell({
      kind: 'links-read',
      serial,
      links: [{ kind: 'room', name: 'econ_lab', url, tried: 'answers' }],
    });
    talk.answer('1');

    expect(told).toContain(`The room econ_lab, which answers: ${url}`);
    expect(told).toContain('1. Open the room econ_lab in the browser');
    expect(talk.effects.at(-1)).toEqual({ kind: 'browse', url });
  });

  it('tell the password when it is asked for alone', () => {
    const talk = talkOf(trust);
    talk.answer('1');
    talk.answer('admin page');
    const { serial } = topScreen(talk.state);
    const password = new Secret('tulip-canary-77');

    const told = talk.tell({
      kind: 'admin-read',
      serial,
      access: { url: 'https://trust-game.lab.test/sessions', user: 'admin', password },
    });
    talk.answer('read out the password');

    expect(told).toContain('1. Open it in the browser');
    expect(told).toContain('2. Read out the password');
    expect(talk.all.join('\n')).not.toContain('tulip');
    expect(talk.effects.at(-1)).toEqual({ kind: 'copy', text: password, what: 'The password' });
  });
});
