import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnsweringCommand } from '../../src/cli/json-schema.ts';
import { validateAnswer, validateEventLine } from '../support/json-answers.ts';
import { type JsonAnswer, type Lab, openLab, type TypeOptions } from './support/lab.ts';
import { removeStack } from './support/remove-stack.ts';

/** What a script reads: docs/json.md. Nobody is there to be asked: stdin is closed, and there is no terminal. */
describe('JSON output', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await removeStack(lab, 'scripted');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  /** One object on stdout, as published for this command, and nothing else anywhere. */
  async function answerOf(command: AnsweringCommand, words: readonly string[], options?: TypeOptions) {
    const { exitCode, stdout, stderr } = await lab.oforest([...words, '--json'], options);
    const value = onlyLine(stdout) as JsonAnswer;
    expect(validateAnswer(value, command), stdout).toEqual([]);
    expect(value.version).toBe(1);
    expect(stderr).toBe('');
    return { exitCode, value };
  }

  /** Lines of events as published, with the answer as the last one. */
  async function linesOf(words: readonly string[], options?: TypeOptions) {
    const { exitCode, stdout, stderr } = await lab.oforest([...words, '--json=lines'], options);
    const lines = stdout.trimEnd().split('\n').map(parseObject);
    for (const line of lines) expect(validateEventLine(line), JSON.stringify(line)).toEqual([]);
    for (const line of lines) expect(line.version).toBe(1);
    expect(stderr).toBe('');
    const events = lines.slice(0, -1);
    const last = lines.at(-1);
    expect(last?.kind).toBe('result');
    expect(events.map(({ kind }) => kind)).not.toContain('result');
    return { exitCode, events, kinds: events.map(({ kind }) => kind), last };
  }

  const image = (name: 'study:v1' | 'study:v2' | 'missing-package') => lab.bed.images[name];

  it('tells of a server, near and well', async () => {
    expect((await answerOf('server list', ['server', 'list'])).value).toMatchObject({ ok: true });
    const checked = await answerOf('server check', ['server', 'check']);
    expect(checked).toMatchObject({ exitCode: 0, value: { ok: true } });
    const prepared = await answerOf('server prepare', ['server', 'prepare']);
    expect(prepared).toMatchObject({ exitCode: 0, value: { outcome: 'unchanged' } });
    await linesOf(['server', 'check']);
  });

  it('plans a first deployment', async () => {
    const words = ['deploy', 'scripted', '--image', image('study:v1'), '--plan'];
    const { exitCode, value } = await answerOf('deploy', words);
    expect({ exitCode, outcome: value.outcome }).toEqual({ exitCode: 0, outcome: 'planned' });
    expect((await linesOf(words)).events).toEqual([]);
  });

  it('tells a first deployment as it happens', async () => {
    const { exitCode, kinds, events, last } = await linesOf(['deploy', 'scripted', '--image', image('study:v1')]);
    expect(exitCode).toBe(0);
    expect(kinds[0]).toBe('operation-started');
    expect(kinds.at(-1)).toBe('operation-finished');
    expect(kinds).toEqual(
      expect.arrayContaining(['release-recorded', 'step-started', 'step-finished', 'waiting', 'serving', 'settled']),
    );
    expect(last).toMatchObject({ ok: true, outcome: 'succeeded', stack: 'scripted', release: 1, state: 'running' });
    expect(new Set(events.map(({ operation }) => operation))).toEqual(new Set([last?.operation]));
  });

  it('tells what there is', async () => {
    expect((await answerOf('list', ['list'])).value.experiments.map(({ stack }) => stack)).toContain('scripted');
    expect((await answerOf('', [])).value.experiments.map(({ stack }) => stack)).toContain('scripted');
    expect((await answerOf('status', ['status', 'scripted'])).value).toMatchObject({ state: 'running', release: 1 });
    expect((await answerOf('releases', ['releases', 'scripted'])).value.releases).toHaveLength(1);
    expect((await answerOf('links', ['links', 'scripted'])).value.links).not.toEqual([]);
    expect((await answerOf('admin', ['admin', 'scripted'])).value.user).toBe('admin');
    expect((await answerOf('open', ['open', 'scripted'])).value.url).toBe('https://scripted.oforest.test');
    expect((await answerOf('address', ['address', 'scripted'])).value.url).toBe('https://scripted.oforest.test');
    expect((await answerOf('variable list', ['variable', 'list', 'scripted'])).value.variables).toEqual({});
    expect((await answerOf('secret list', ['secret', 'list', 'scripted'])).value.secrets).toEqual([]);
    for (const words of [['list'], ['status', 'scripted'], ['releases', 'scripted'], ['links', 'scripted']])
      expect(await linesOf(words)).toMatchObject({ exitCode: 0, events: [], last: { ok: true } });
  });

  it('prints a log as one object a line', async () => {
    const { stdout } = await lab.succeed(['logs', 'scripted', '--json=lines']);
    const lines = stdout.trimEnd().split('\n').map(parseObject);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(validateEventLine(line), JSON.stringify(line)).toEqual([]);
    expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(['log']));
  });

  it('finds nothing to do', async () => {
    const words = ['deploy', 'scripted', '--image', image('study:v1')];
    expect((await answerOf('deploy', words)).value).toMatchObject({ outcome: 'unchanged', plan: [], release: 1 });
    expect((await answerOf('start', ['start', 'scripted'])).value).toMatchObject({ outcome: 'unchanged' });
  });

  it('deploys, and rolls back', async () => {
    const deployed = await answerOf('deploy', ['deploy', 'scripted', '--image', image('study:v2')]);
    expect(deployed).toMatchObject({ exitCode: 0, value: { outcome: 'succeeded', release: 2 } });
    const back = await linesOf(['rollback', 'scripted']);
    expect(back).toMatchObject({ exitCode: 0, last: { outcome: 'succeeded', release: 3 } });
  });

  it('changes settings, now and later', async () => {
    const set = await answerOf('variable set', ['variable', 'set', 'scripted', 'TREATMENT=b']);
    expect(set).toMatchObject({ exitCode: 0, value: { outcome: 'succeeded' } });
    const later = await answerOf('variable set', ['variable', 'set', 'scripted', 'ROUNDS=3', '--later']);
    expect(later).toMatchObject({ exitCode: 0, value: { outcome: 'stored' } });
    const secret = await linesOf(['secret', 'set', 'scripted', 'API_KEY'], { input: 'open sesame\n' });
    expect(secret).toMatchObject({ exitCode: 0, last: { outcome: 'succeeded' } });
    expect(JSON.stringify(secret)).not.toContain('open sesame');
    const { variables } = (await answerOf('variable list', ['variable', 'list', 'scripted'])).value;
    expect(variables).toEqual({ TREATMENT: 'b', ROUNDS: '3' });
    expect((await answerOf('secret list', ['secret', 'list', 'scripted'])).value.secrets).toEqual(['API_KEY']);
    const moved = await answerOf('address', ['address', 'scripted', 'moved.oforest.test']);
    expect(moved).toMatchObject({ exitCode: 0, value: { url: 'https://moved.oforest.test' } });
  });

  it('stops, accepts a start without following it, and tells it again from the first event', async () => {
    expect(await answerOf('stop', ['stop', 'scripted'])).toMatchObject({ exitCode: 0, value: { state: 'stopped' } });
    const refused = await answerOf('restart', ['restart', 'scripted']);
    expect(refused).toMatchObject({ exitCode: 5, value: { error: { code: 'experiment-stopped' } } });
    const { exitCode, last } = await linesOf(['start', 'scripted', '--detach']);
    expect({ exitCode, outcome: last?.outcome }).toEqual({ exitCode: 0, outcome: 'accepted' });
    const operation = String(last?.operation);
    const watched = await linesOf(['watch', operation]);
    expect(watched).toMatchObject({ exitCode: 0, last: { outcome: 'succeeded', state: 'running' } });
    const again = await linesOf(['watch', operation]);
    expect(again.events).toEqual(watched.events);
    expect((await answerOf('watch', ['watch', operation])).value).toMatchObject({ outcome: 'succeeded' });
  });

  it('tells a release that failed with its log, and what serves', async () => {
    const { exitCode, kinds, last } = await linesOf(['deploy', 'scripted', '--image', image('missing-package')]);
    expect(exitCode).toBe(8);
    expect(kinds.at(-1)).toBe('operation-failed');
    expect(last).toMatchObject({
      ok: false,
      error: { code: 'image-crashed', details: { serves: expect.any(String) } },
    });
  });

  /** Exit code, error code, and the words that led there. */
  async function failureOf(command: AnsweringCommand, words: readonly string[], options?: TypeOptions) {
    const { exitCode, value } = await answerOf(command, words, options);
    expect(value.ok).toBe(false);
    const lines = await linesOf(words, options);
    expect({ exitCode: lines.exitCode, error: lines.last?.error }).toEqual({ exitCode, error: value.error });
    return { exitCode, code: value.error.code, hint: value.error.hint };
  }

  it('tells wrong usage with exit code 2', async () => {
    expect(await failureOf('deploy', ['deploy', 'scripted'])).toMatchObject({ exitCode: 2, code: 'usage-wrong' });
    expect(await failureOf('stop', ['stop', 'My Exp'])).toMatchObject({ exitCode: 2, code: 'name-invalid' });
  });

  it('tells a command line that cannot be read with exit code 2, as any other failure', async () => {
    const { exitCode, stdout, stderr } = await lab.oforest(['list', '--bogus', '--json']);
    expect(exitCode).toBe(2);
    const answer = onlyLine(stdout);
    expect(validateAnswer(answer)).toEqual([]);
    expect(answer).toMatchObject({ ok: false, error: { code: 'usage-wrong', why: "Unknown option '--bogus'." } });
    expect(stderr).toBe('');
  });

  it('tells what does not exist with exit code 3', async () => {
    const code = 'experiment-not-found';
    expect(await failureOf('status', ['status', 'nobody'])).toMatchObject({ exitCode: 3, code });
    const words = ['rollback', 'scripted', '--to', 'v99'];
    expect(await failureOf('rollback', words)).toMatchObject({ exitCode: 3, code: 'release-not-found' });
  });

  it('tells a host that nobody vouched for with exit code 4', async () => {
    const { host, port, user, identityFile } = lab.bed.ssh;
    const file = join(lab.home, 'stranger.yml');
    const stranger = { host, port, user, identityFile, knownHostsFile: '/nonexistent' };
    await writeFile(file, JSON.stringify({ servers: { stranger } }));
    const options = { environment: { OFOREST_CONFIG: file } };
    expect(await failureOf('list', ['list'], options)).toMatchObject({ exitCode: 4, code: 'host-key-unknown' });
  });

  it('tells what is refused with exit code 5', async () => {
    const words = ['deploy', 'copycat', '--image', image('study:v1'), '--address', 'moved.oforest.test'];
    expect(await failureOf('deploy', words)).toMatchObject({ exitCode: 5, code: 'address-taken' });
  });

  it('tells what is out of reach with exit code 6', async () => {
    const words = ['deploy', 'scripted', '--image', '127.0.0.1:5999/study:v1'];
    expect(await failureOf('deploy', words)).toMatchObject({ exitCode: 6, code: 'registry-unreachable' });
  });

  it('asks nothing, and names the flag with exit code 7', async () => {
    expect(await failureOf('admin', ['admin', 'scripted', '--new-password'])).toEqual({
      exitCode: 7,
      code: 'confirmation-missing',
      hint: 'Add --yes to confirm.',
    });
    const prepare = ['server', 'prepare', '--https-port', '8443'];
    expect(await failureOf('server prepare', prepare)).toMatchObject({ exitCode: 7, hint: 'Add --yes to confirm.' });
    expect(await failureOf('secret set', ['secret', 'set', 'scripted', 'OTHER_KEY'])).toMatchObject({
      exitCode: 7,
      hint: expect.stringContaining('oforest secret set'),
    });
  });
});

function parseObject(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`not JSON: ${line}`);
  }
}

/** The one line there is; throws when there are more, or none. */
function onlyLine(stdout: string): unknown {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not exactly one line on stdout: ${stdout}`);
  return parseObject(lines[0] ?? '');
}
