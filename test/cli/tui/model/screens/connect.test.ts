import { describe, expect, it } from 'vitest';
import { noFirstRun } from '../../../../../src/cli/tui/model/first-run.ts';
import { nowhere } from '../../../../../src/cli/tui/model/initial-state.ts';
import type { HostKey, Tried } from '../../../../../src/cli/tui/model/screens/connect.ts';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { shownLines } from '../../support/press.ts';
import { someNow } from '../../support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';

const size = { columns: 80, rows: 24 };
const begun = walkFrom(nowhere({ size, now: someNow, firstRun: noFirstRun }));
const opened = begun.press('Down', 'Enter');
const filled = opened.type('ada@lab.test').press('Tab').type('mine').press('Tab').type('~/key');
const tried = (walk: Walk, news: Tried) =>
  walk.hear({ kind: 'tried', serial: topScreen(walk.state).serial, tried: news });
const hostKey: HostKey = {
  host: 'lab.test',
  fingerprint: 'SHA256:abc',
  knownHostsFile: '/home/ada/.ssh/known_hosts',
  knownHostsLine: 'lab.test ssh-ed25519 AAAA',
};
const asked = tried(filled.press('Enter'), { checks: [], end: hostKey });
const text = ({ state }: Walk) => shownLines(state).join('\n');

describe('connecting to a server of one’s own', () => {
  it('tries it with what was typed, after the last field', () => {
    expect(effectsOf(filled, 'try-server')).toEqual([]);
    expect(effectsOf(filled.press('Enter'), 'try-server')).toMatchObject([
      { answers: { address: 'ada@lab.test', name: 'mine', keyFile: '~/key' } },
    ]);
  });

  it('wants an address first', () => {
    const walk = opened.press('Enter', 'Enter', 'Enter');
    expect(effectsOf(walk, 'try-server')).toEqual([]);
    expect(topScreen(walk.state)).toMatchObject({ at: 'address' });
  });

  it('keeps what was typed when it is left', () => {
    const back = filled.press('Esc').press('Enter');
    expect(text(back)).toContain('ada@lab.test');
  });

  it('shows the fingerprint of a host that nobody has met, and trusts it by no Enter alone', () => {
    expect(text(asked)).toContain('SHA256:abc');
    const once = asked.press('Enter');
    expect(effectsOf(once, 'try-server').filter(({ trust }) => trust)).toEqual([]);
    expect(topScreen(once.state)).toMatchObject({ phase: { kind: 'asking' } });
  });

  it('does not take keys for an answer that were typed before the fingerprint could be seen', () => {
    const unseen = asked.pressAtOnce('Down', 'Enter');
    expect(effectsOf(unseen, 'try-server').filter(({ trust }) => trust)).toEqual([]);
  });

  it('tries again with the host key once somebody says that it is the same', () => {
    expect(effectsOf(asked.press('Down', 'Enter'), 'try-server').at(-1)).toMatchObject({ trust: hostKey });
  });

  it('says of each thing on the way how it is, and what to do', () => {
    const failed = tried(filled.press('Enter'), {
      checks: [
        { outcome: 'ok', sentence: 'The key file is there.' },
        { outcome: 'failed', sentence: 'No address is known for lab.test.', hint: 'Check the spelling.' },
      ],
      end: 'failed',
    });
    expect(shownLines(failed.state)).toEqual(
      expect.arrayContaining([
        '  ✔ The key file is there.',
        '  ✖ No address is known for lab.test.',
        '    Check the spelling.',
        '  Nothing was saved.',
      ]),
    );
    expect(effectsOf(failed, 'save-server')).toEqual([]);
  });

  it('saves what was reached, and goes there', () => {
    const reached = tried(filled.press('Enter'), { checks: [], end: 'reached' });
    expect(effectsOf(reached, 'save-server')).toEqual([]);
    const saving = reached.press('Enter');
    expect(effectsOf(saving, 'save-server')).toMatchObject([{ answers: { name: 'mine' } }]);

    const { serial } = topScreen(saving.state);
    const there = saving.hear({ kind: 'server-saved', serial, server: 'mine' });
    expect(there.effects.at(-1)).toEqual({ kind: 'go-to-server', name: 'mine' });
    expect(there.state.firstRun.connect).toEqual(noFirstRun.connect);
  });

  it('can be tried again when it could not be saved', () => {
    const saving = tried(filled.press('Enter'), { checks: [], end: 'reached' }).press('Enter');
    const { serial } = topScreen(saving.state);
    const error = { code: 'file-unreadable', what: 'reading the config' } as const;
    const unsaved = saving.hear({ kind: 'server-unsaved', serial, error });
    expect(text(unsaved)).toContain('reading the config');
    expect(topScreen(unsaved.state)).toMatchObject({ phase: { kind: 'reached' } });
  });

  it('ends what it tries when it is corrected', () => {
    const trying = filled.press('Enter');
    expect(trying.press('Esc').effects.at(-1)).toEqual({ kind: 'close', serial: topScreen(trying.state).serial });
  });
});
