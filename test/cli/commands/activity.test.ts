import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../../src/core/domain/experiment-name.ts';
import { reviewDeploy } from '../../../src/core/operations/review.ts';
import { createOperationRecord } from '../../../src/core/records/operation-record.ts';
import { aRequest } from '../../support/builders.ts';
import { validateAnswer } from '../../support/json-answers.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';
import { openSandboxSocket } from '../../support/sandbox-socket.ts';
import { openHome } from '../type-command.ts';

describe('activity on the command line', () => {
  let lab: SandboxLab;
  let home: Awaited<ReturnType<typeof openHome>>;
  let socket: AsyncDisposable;
  beforeAll(async () => {
    lab = await openSandboxLab({ start: Date.now() });
    await lab.prepare();
    const subject = { experiment: parseExperimentName('trust'), environment: parseEnvironment('production') };
    const deploy = async (name: string) =>
      lab.run(await reviewDeploy({ ...subject, image: lab.image(name) }, { ...lab.server, signal: lab.signal }));
    await deploy('samples/trust-game:v1');
    const actor = { via: 'ssh', sshUser: 'ben', host: 'desk' } as const;
    const createdAt = new Date(lab.clock.now().getTime() + 1000).toISOString();
    await createOperationRecord(
      { request: aRequest({ id: 'leftbehind', stack: 'trust', actor, createdAt }) },
      lab.server,
    );
    home = await openHome();
    socket = await openSandboxSocket(lab.sandbox, join(home.path, 'd.sock'));
    await home.type('server', 'add', 'here', '--socket', join(home.path, 'd.sock'));
  });
  afterAll(async () => {
    await socket[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  it('shows who did what, and what came of it', async () => {
    const { stdout } = await home.type('activity', 'trust');
    const [header, first, second] = stdout.split('\n');
    expect(header).toMatch(/^TIME +STUDY +WHAT +BY +OPERATION +OUTCOME$/);
    expect(first).toMatch(/trust +restart +ben@desk \(SSH, not verified\) +leftbehind +left unfinished/);
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
