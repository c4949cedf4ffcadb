import { describe, expect, it } from 'vitest';
import { watchStarted } from '../../../../src/cli/tui/model/screens/progress.ts';
import { namingServer } from '../../../../src/cli/tui/model/shown-server.ts';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { aStudy, aTuiState } from '../support/states.ts';
import { textOf } from '../support/text-of.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';
import { refused, reviewed } from '../support/walk-reviews.ts';

const away = { server: 'sandbox', usualServer: 'lab' };
const study = aStudy({ experiment: 'trust-game' });
const onSandbox = () => walkFrom(aTuiState({ studies: [study], ...away }));
const shown = (walk: ReturnType<typeof onSandbox>) => textOf(walk.state).join('\n').replaceAll(/\s+/g, ' ');

describe('commands in what is told', () => {
  it.each([
    ['Look at `oforest status trust`, or wait.', 'Look at `oforest --server sandbox status trust`, or wait.'],
    ['It comes back with: oforest undo trust', 'It comes back with: oforest --server sandbox undo trust'],
    ['Run `oforest server prepare NAME` again.', 'Run `oforest server prepare NAME` again.'],
    ['Close it: oforest sandbox stop', 'Close it: oforest sandbox stop'],
    ['Try `oforest --server lab list`.', 'Try `oforest --server lab list`.'],
    ['oforest_traefik of oForest does not answer', 'oforest_traefik of oForest does not answer'],
  ])('go to the server on the screen: %s', (text, told) => {
    expect(namingServer(text, away)).toBe(told);
    expect(namingServer(text, { server: 'lab', usualServer: 'lab' })).toBe(text);
  });

  it('name it in a review and in what is copied from there', () => {
    const walk = reviewed(onSandbox().press('Enter', 't'));

    expect(shown(walk)).toContain('Same as: oforest --server sandbox stop trust-game');
    expect(effectsOf(walk.press('c'), 'copy')[0]?.text).toBe('oforest --server sandbox stop trust-game');
  });

  it('name it in the advice of a refusal', () => {
    const walk = refused(onSandbox().press('Enter', 't'), {
      ...{ code: 'experiment-stopped', hint: 'Start it with `oforest start trust-game`.' },
    });

    expect(shown(walk)).toContain('Start it with `oforest --server sandbox start trust-game`.');
  });

  it('name it at the end of an operation', () => {
    const operation = { operation: 'op-1', stack: 'trust-game', verb: 'reset', where: 'here' } as const;
    const followed = walkFrom(watchStarted(onSandbox().state, operation).state);
    const result = { stack: 'trust-game', state: 'running', release: 4, url: '', archive: 'set-aside' } as const;
    const walk = followed.hear({
      ...{ kind: 'event', serial: topScreen(followed.state).serial },
      event: { kind: 'operation-finished', operation: 'op-1', at: '2026-11-20T14:02:11Z', result },
    } as never);

    expect(shown(walk)).toContain('comes back with: oforest --server sandbox undo trust-game');
  });
});
