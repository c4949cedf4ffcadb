import { describe, expect, it } from 'vitest';
import { noFirstRun } from '../../../src/cli/tui/model/first-run.ts';
import { nowhere } from '../../../src/cli/tui/model/initial-state.ts';
import { topScreen } from '../../../src/cli/tui/model/state.ts';
import { someNow } from '../tui/support/states.ts';
import { openTalk } from './support/open-talk.ts';

const begin = () => openTalk(nowhere({ size: { columns: 200, rows: 1_000 }, now: someNow, firstRun: noFirstRun }));

describe('the first run, in lines', () => {
  it('says what oForest is and where one can begin', () => {
    const lines = begin().heard();
    expect(lines[0]).toMatch(/^oForest takes an oTree experiment/);
    expect(lines.slice(1, 4)).toEqual([
      expect.stringMatching(/^1\. Try it on the sandbox\./),
      expect.stringMatching(/^2\. Connect to your own server\./),
      expect.stringMatching(/^3\. Leave\./),
    ]);
  });

  it('goes to the sandbox', () => {
    const talk = begin();
    talk.answer('1');
    expect(talk.effects.at(-1)).toEqual({ kind: 'go-to-server', name: 'sandbox' });
  });

  it('asks for a server question by question, and trusts nobody by the first choice', () => {
    const talk = begin();
    expect(talk.answer('2').join('\n')).toContain('Server. A manager of the Swarm');
    expect(talk.answer('ada@lab.test').join('\n')).toContain('Name. ');
    expect(talk.answer('mine').join('\n')).toContain('Key file. ');
    talk.answer('-');
    expect(talk.effects.at(-1)).toMatchObject({
      kind: 'try-server',
      answers: { address: 'ada@lab.test', name: 'mine', keyFile: '' },
    });

    const { serial } = topScreen(talk.state);
    const hostKey = { host: 'lab.test', fingerprint: 'SHA256:abc', knownHostsFile: 'f', knownHostsLine: 'l' };
    const heard = talk.tell({ kind: 'tried', serial, tried: { checks: [], end: hostKey } });
    expect(heard).toContain('SHA256:abc');
    expect(heard).toContain('1. Go back');
    talk.answer('2');
    expect(talk.effects.at(-1)).toMatchObject({ kind: 'try-server', trust: hostKey });
  });

  it('keeps an answer that is there already, from the last time', () => {
    const talk = begin();
    for (const line of ['2', 'ada@lab.test', 'mine', 'back', '2']) talk.answer(line);
    const heard = talk.answer('1');
    expect(heard).toContain('1. Keep mine');
    expect(heard).toContain('Type it, 1, a single dash to leave it empty, or back.');
    talk.answer('1');
    talk.answer('-');
    expect(talk.effects.at(-1)).toMatchObject({ answers: { address: 'ada@lab.test', name: 'mine' } });
  });

  it('tells what was found on the way, and what to do', () => {
    const talk = begin();
    for (const line of ['2', 'lab.test', '-', '-']) talk.answer(line);
    const { serial } = topScreen(talk.state);
    const checks = [
      { outcome: 'ok', sentence: 'It answers' },
      { outcome: 'attention', sentence: 'It is slow' },
      { outcome: 'failed', sentence: 'It refuses the key', hint: 'Give it another' },
    ] as const;
    const heard = talk.tell({ kind: 'tried', serial, tried: { checks, end: 'failed' } });
    expect(heard.slice(0, 5)).toEqual([
      'Ok: It answers.',
      'Attention: It is slow.',
      'Failed: It refuses the key.',
      'To do: Give it another.',
      'Nothing was saved.',
    ]);
  });
});
