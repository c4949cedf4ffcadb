import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { shownLines } from '../../support/press.ts';
import { aTuiState } from '../../support/states.ts';
import { effectsOf, walkFrom } from '../../support/walk.ts';

const wanted = { kind: 'passphrase-wanted', question: 1, file: '/home/ada/.ssh/id_ed25519', isAgain: false } as const;
const asked = walkFrom(aTuiState()).hear(wanted);

describe('a passphrase', () => {
  it('is typed without being shown', () => {
    const lines = shownLines(asked.type('open sesame').state);
    expect(lines.join('\n')).toContain('The key /home/ada/.ssh/id_ed25519 is locked.');
    expect(lines).toContain('  ❯ •••••••••••▏');
    expect(lines.join('\n')).not.toMatch(/open|sesame/);
  });

  it('goes to whoever asked, and is not kept', () => {
    const walk = asked.type('open sesame').press('Enter');
    expect(effectsOf(walk, 'answer-passphrase')).toEqual([
      { kind: 'answer-passphrase', question: 1, text: 'open sesame' },
    ]);
    expect(JSON.stringify(walk.state)).not.toContain('sesame');
  });

  it('need not be given', () => {
    const walk = asked.type('op').press('Esc');
    expect(effectsOf(walk, 'answer-passphrase')).toEqual([{ kind: 'answer-passphrase', question: 1, text: undefined }]);
    expect(topScreen(walk.state).name).toBe('experiments');
  });

  it('takes no key that was typed before it was asked for', () => {
    const walk = asked.pressAtOnce('d', 'Enter');
    expect(topScreen(walk.state)).toMatchObject({ name: 'passphrase', field: { text: '' } });
  });

  it('says when what was typed did not unlock the key', () => {
    const lines = shownLines(walkFrom(aTuiState()).hear({ ...wanted, isAgain: true }).state);
    expect(lines).toContain('  That was not it.');
  });

  it('is asked for no more when the connection it was for is gone, wherever somebody is by then', () => {
    const walk = asked.press('Ctrl-L').hear({ kind: 'passphrase-unwanted', question: 1 });
    expect(topScreen(walk.state).name).toBe('experiments');
    expect(asked.hear({ kind: 'passphrase-unwanted', question: 2 }).state.screens).toHaveLength(2);
  });
});
