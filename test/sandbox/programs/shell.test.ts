import { describe, expect, it } from 'vitest';
import { shellProgram } from '../../../src/sandbox/programs/shell.ts';
import { startContainer } from './a-container.ts';

const sh = (text: string, around: Parameters<typeof startContainer>[1] = {}) =>
  startContainer(shellProgram, { ...around, words: ['/bin/sh', '-c', text] });

describe('a script', () => {
  it.each([
    ['echo hello; exit 3', ['hello'], 3],
    ['echo to the log >&2 && echo "two  words" \'$HOME\'', ['to the log', 'two  words $HOME'], 0],
    ['false && echo never\ntrue && echo ever', ['ever'], 0],
    ['false || echo instead', ['instead'], 0],
    ['false', [], 1],
    ['false; exit', [], 1],
    ['printf "%s and %d\\n" one 2; printf half', ['one and 2', 'half'], 0],
    ['printenv ROUNDS; echo "$ROUNDS" x$ROUNDS; printenv MISSING', ['4', '4 x4'], 1],
    ['cat /run/secrets/KEY', ['the key'], 0],
    ['cat /nowhere', ["cat: can't open '/nowhere': No such file or directory"], 1],
    ['# a comment\nkill -9 $$', [], 137],
    ['otree prodserver', ['/bin/sh: otree: not found'], 127],
    ['echo a; exec printenv ROUNDS; echo b', ['a', '4'], 0],
  ])('%j', (text, log, exitCode) => {
    const container = sh(text, { variables: { ROUNDS: '4' }, files: { '/run/secrets/KEY': 'the key\n' } });
    expect({ log: container.log, exitCode: container.exitCode }).toEqual({ log, exitCode });
  });

  it.each(['echo $(date)', 'echo a > /tmp/b', 'if true; then (exit 1); fi'])(
    'fails at what is beyond it: %s',
    (text) => {
      const container = sh(text);
      expect(container.exitCode).toBe(2);
      expect(container.log.join()).toContain("the sandbox's shell does not know");
    },
  );

  it('sleeps in the time of the sandbox', () => {
    const container = sh('sleep 1.5; echo up; sleep 2; exit 4');
    container.timeline.advance(1_499);
    expect(container.log).toEqual([]);
    container.timeline.advance(1);
    expect([container.log, container.exitCode]).toEqual([['up'], undefined]);
    container.timeline.advance(2_000);
    expect(container.exitCode).toBe(4);
  });

  it('does nothing more once it was killed', () => {
    const container = sh('sleep 1; echo late');
    container.kill();
    container.timeline.advance(5_000);
    expect(container.log).toEqual([]);
  });
});

it('runs words without a shell, and sleeps for ever without words', () => {
  const short = startContainer(shellProgram, { words: ['sleep', '5'] });
  const long = startContainer(shellProgram);
  const longer = startContainer(shellProgram, { words: ['sleep', 'infinity'] });
  short.timeline.advance(5_000);
  long.timeline.advance(10 ** 9);
  longer.timeline.advance(10 ** 9);
  expect([short.exitCode, long.exitCode, longer.exitCode]).toEqual([0, undefined, undefined]);
});

it('does not start anew when it ran before the sandbox was closed', () => {
  const container = sh('echo started', { resumed: true });
  expect([container.log, container.exitCode]).toEqual([[], undefined]);
});

describe('SIGTERM', () => {
  it('is ignored by process 1 without a trap, and with an empty one', () => {
    for (const text of ['sleep 60', 'trap "" TERM; sleep 60', 'trap "exit 3" TERM; exec sleep 60']) {
      const container = sh(text);
      container.running.terminate?.();
      container.timeline.advance(1_000);
      expect(container.exitCode).toBeUndefined();
    }
  });

  it('runs the trap when the command in front is done', () => {
    const container = sh('trap "echo bye; exit 3" TERM; sleep 2; sleep 60');
    container.timeline.advance(500);
    container.running.terminate?.();
    expect(container.exitCode).toBeUndefined();
    container.timeline.advance(1_500);
    expect([container.log, container.exitCode]).toEqual([['bye'], 3]);
  });

  it('runs the trap at once where the shell waits', () => {
    const container = sh('trap "exit 3" TERM; sleep 60 & wait');
    container.running.terminate?.();
    expect(container.exitCode).toBe(3);
  });
});

it('answers a health check in the same language, and tells how long it takes', () => {
  const { running } = sh('sleep 60');
  expect(running.probe?.(['CMD-SHELL', 'sleep 2; echo ill >&2; exit 1'])).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'ill\n',
    afterMs: 2_030,
  });
  expect(running.probe?.(['CMD', 'true'])).toMatchObject({ exitCode: 0, afterMs: 30 });
});

it('runs words beside the program and answers when they are done', async () => {
  const { running, timeline } = sh('sleep 60');
  const answer = running.exec?.(['sh', '-c', 'echo in; sleep 3; echo out >&2; exit 5']);
  timeline.advance(3_000);
  expect(await answer).toEqual({ exitCode: 5, stdout: 'in\n', stderr: 'out\n' });
  expect(await running.exec?.(['psql'])).toMatchObject({ exitCode: 127 });
});
