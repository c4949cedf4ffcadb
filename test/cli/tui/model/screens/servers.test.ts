import { describe, expect, it } from 'vitest';
import { type Link, topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { shownLines } from '../../support/press.ts';
import { aStudy, aTuiState, someNow } from '../../support/states.ts';
import { walkFrom } from '../../support/walk.ts';

const servers = [
  { name: 'lab', where: 'oforest@lab.example.edu' },
  { name: 'teaching', where: 'unix:///var/run/docker.sock' },
];
const offline: Link = {
  kind: 'offline',
  since: someNow,
  error: { code: 'host-unreachable', what: 'connecting to lab' },
  nextTryAt: 'when-asked',
};

const onServers = (state = aTuiState({ studies: [aStudy()] })) => {
  const walk = walkFrom(state).press('g');
  return walk.hear({ kind: 'servers-listed', serial: topScreen(walk.state).serial, servers, usual: 'lab' });
};

describe('going to another server', () => {
  it('begins with those of the config, on the one that is shown', () => {
    const text = shownLines(onServers().state).join('\n');
    expect(text).toMatch(/^❯ {2}lab +oforest@lab\.example\.edu +shown$/m);
    expect(text).toMatch(/^ {3}teaching +unix:\/\/\/var\/run\/docker\.sock$/m);
  });

  it('closes all that is open of the one before, and asks the other', () => {
    const walk = onServers(walkFrom(aTuiState({ studies: [aStudy()] })).press('Enter').state).press('Down', 'Enter');
    expect(walk.state).toMatchObject({
      server: 'teaching',
      link: { kind: 'connecting' },
      studies: undefined,
      details: {},
      screens: [{ name: 'experiments' }],
    });
    expect(walk.effects.map(({ kind }) => kind)).toEqual(['list-servers', 'close', 'close', 'close', 'go-to-server']);
    expect(walk.effects.at(-1)).toEqual({ kind: 'go-to-server', name: 'teaching' });
  });

  it('never gives a number twice: what was asked on the one before is answered to nobody', () => {
    const before = onServers();
    const after = before.press('Down', 'Enter');
    expect(topScreen(after.state).serial).toBeGreaterThan(topScreen(before.state).serial);
  });

  it('needs no answer from the one before', () => {
    const walk = onServers(aTuiState({ studies: undefined, link: offline })).press('Down', 'Enter');
    expect(walk.effects.at(-1)).toEqual({ kind: 'go-to-server', name: 'teaching' });
  });

  it('to the one that is shown goes back', () => {
    const walk = onServers().press('Enter');
    expect(walk.state.screens.map(({ name }) => name)).toEqual(['experiments']);
    expect(walk.effects.map(({ kind }) => kind)).not.toContain('go-to-server');
  });

  it('is in the palette', () => {
    const walk = walkFrom(aTuiState()).press(':').type('another').press('Enter');
    expect(topScreen(walk.state).name).toBe('servers');
  });
});
