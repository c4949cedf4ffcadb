import { beforeAll, describe, expect, it } from 'vitest';
import { createOperationRecord, noteOperation } from '../../../src/core/records/operation-record.ts';
import { aRequest } from '../../support/builders.ts';
import { validateAnswer } from '../../support/json-answers.ts';
import { homeWithTrust } from '../sandbox-home.ts';

describe('activity on the command line', () => {
  const home = homeWithTrust();
  beforeAll(async () => {
    const { clock, server } = home.lab;
    const actor = { via: 'ssh', sshUser: 'ben', host: 'desk' } as const;
    const createdAt = new Date(clock.now().getTime() + 1000).toISOString();
    await createOperationRecord({ request: aRequest({ id: 'leftbehind', stack: 'trust', actor, createdAt }) }, server);
    const step = { kind: 'step-started', step: 'guard', at: createdAt, operation: 'leftbehind' } as const;
    await noteOperation('leftbehind', { state: 'running', events: [step] }, server);
  });

  it('shows who did what, and what came of it', async () => {
    const { stdout } = await home.type('activity', 'trust');
    const [header, first, second] = stdout.split('\n');
    expect(header).toMatch(/^TIME +STUDY +WHAT +BY +OPERATION +OUTCOME$/);
    expect(first).toMatch(
      /trust +restart +ben@desk \(SSH, not verified\) +leftbehind +left unfinished \(1\/7, Looking for people in a session\): /,
    );
    expect(second).toMatch(/trust +deploy +anna@laptop \(SSH, not verified\) +[a-z0-9]{10} +done$/);
  });

  it.each([[['activity']], [['activity', 'trust']], [['activity', '--limit', '1']]])(
    'answers as published: %j',
    async (words) => {
      const { stdout, exitCode } = await home.type(...words, '--json');
      expect(exitCode).toBe(0);
      expect(validateAnswer(JSON.parse(stdout), 'activity')).toEqual([]);
      expect(JSON.parse(stdout).operations).toHaveLength(words.includes('1') ? 1 : 2);
    },
  );

  it('knows no study that was never deployed, and no limit that is no number', async () => {
    expect((await home.type('activity', 'tryst')).exitCode).toBe(3);
    expect((await home.type('activity', '--limit', 'all')).exitCode).toBe(2);
  });

  it('asks an operation to stop, once, and none that has ended', async () => {
    const first = await home.type('cancel', 'leftbehind', '--json');
    expect(validateAnswer(JSON.parse(first.stdout), 'cancel')).toEqual([]);
    expect(JSON.parse(first.stdout)).toMatchObject({ outcome: 'requested', stack: 'trust' });
    expect(JSON.parse((await home.type('cancel', 'leftbehind', '--json')).stdout)).toMatchObject({
      outcome: 'unchanged',
    });
    const { operations } = JSON.parse((await home.type('activity', '--json')).stdout);
    const ended = operations.find(({ state }: { state: string }) => state === 'succeeded');
    expect((await home.type('cancel', ended.operation)).exitCode).toBe(3);
  });
});
