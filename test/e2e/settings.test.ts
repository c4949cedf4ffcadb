import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileHosts, hostileImages, hostileNames, hostileValues } from '../support/hostile.ts';
import { containerOf, type Lab, openLab } from './support/lab.ts';

describe('settings of a study', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await lab.succeed(['deploy', 'tuned', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const webContainer = () => containerOf(lab, 'tuned_web');
  /** What oTree itself got, read from its process. */
  const environmentOfOtree = async () => {
    const environ = await lab.docker(['exec', await webContainer(), 'cat', '/proc/1/environ']);
    return new Map(environ.split('\0').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  };

  it('carries every hostile value to oTree to the letter, in one update', async () => {
    const values = hostileValues.filter(
      (value) => !value.includes('\0') && value.length < 2000 && value.isWellFormed(),
    );
    expect(values.length).toBeGreaterThan(30);
    const given = new Map(values.map((value, index) => [`HOSTILE_${index}`, value]));
    const words = [...given].map(([name, value]) => `${name}=${value}`);
    const { value } = await lab.json(['variable', 'set', 'tuned', '--', ...words]);
    expect(value).toMatchObject({ ok: true, state: 'running' });
    const arrived = await environmentOfOtree();
    for (const [name, expected] of given) expect(arrived.get(name), name).toBe(expected);
  });

  it('removes variables, and stores a change for later without touching what runs', async () => {
    const before = await webContainer();
    const stored = await lab.json(['variable', 'set', 'tuned', 'GROUP_SIZE=4', '--later']);
    expect(stored.value).toMatchObject({ ok: true, outcome: 'stored' });
    expect(await webContainer()).toBe(before);
    const { variables } = (await lab.json(['variable', 'list', 'tuned'])).value;
    const names = Object.keys(variables).filter((name) => name.startsWith('HOSTILE_'));
    expect((await lab.json(['variable', 'unset', 'tuned', ...names])).value).toMatchObject({ ok: true });
    expect((await lab.json(['variable', 'list', 'tuned'])).value.variables).toEqual({ GROUP_SIZE: '4' });
    expect((await environmentOfOtree()).get('GROUP_SIZE')).toBe('4');
  });

  it('makes a new admin password only after saying what breaks', async () => {
    const old = (await lab.json(['admin', 'tuned'])).value.password;
    const asked = await lab.json(['admin', 'tuned', '--new-password']);
    expect({ exitCode: asked.exitCode, code: asked.value.error.code }).toEqual({
      exitCode: 7,
      code: 'confirmation-missing',
    });
    expect(asked.value.error.why).toContain('logs every admin out');
    expect(asked.value.error.hint).toContain('--yes');
    expect((await lab.json(['admin', 'tuned'])).value.password).toBe(old);
    expect((await lab.json(['admin', 'tuned', '--new-password', '--yes'])).value).toMatchObject({ ok: true });
    expect((await lab.json(['admin', 'tuned'])).value.password).not.toBe(old);
  });

  it('gives a study another address without restarting it, and refuses one that is taken', async () => {
    const before = await webContainer();
    const { value } = await lab.json(['address', 'tuned', 'prices.oforest.test']);
    expect(value).toMatchObject({ ok: true, url: 'https://prices.oforest.test' });
    expect(await lab.get('prices.oforest.test', '/login')).toMatchObject({ status: 200 });
    expect(await webContainer()).toBe(before);
    const taken = await lab.json([
      'deploy',
      'second',
      '--image',
      lab.bed.images['study:v1'],
      '--address',
      'prices.oforest.test',
    ]);
    expect({ exitCode: taken.exitCode, code: taken.value.error.code }).toEqual({ exitCode: 5, code: 'address-taken' });
    expect((await lab.json(['address', 'tuned', '--default'])).value).toMatchObject({
      url: 'https://tuned.oforest.test',
    });
  });

  it('creates every derived name at its maximum length', async () => {
    const longest = 'a2345678-1234567-1234567';
    expect(longest).toHaveLength(24);
    const words = [
      'deploy',
      longest,
      '--env',
      'review-feature/long-branch-name',
      '--image',
      lab.bed.images['study:v1'],
    ];
    const { value } = await lab.json(words);
    expect(value).toMatchObject({ ok: true, state: 'running' });
    expect(value.stack).toHaveLength(38);
    const secrets = await lab.docker([
      'secret',
      'ls',
      '--filter',
      `label=org.oforest.stack=${value.stack}`,
      '--format',
      '{{.Name}}',
    ]);
    expect(secrets.trim().split('\n')).toHaveLength(5);
  });

  it('keeps the settings of a file, and names what is wrong with one', async () => {
    const file = `${lab.home}/oforest.yml`;
    await writeFile(file, 'name: tuned\nmemory: 640 MB\nenv:\n  COLOR: green\n');
    expect(
      (await lab.json(['deploy', 'tuned', '--image', lab.bed.images['study:v2'], '--config', file])).value,
    ).toMatchObject({ ok: true });
    const limit = await lab.docker([
      'service',
      'inspect',
      'tuned_web',
      '--format',
      '{{.Spec.TaskTemplate.Resources.Limits.MemoryBytes}}',
    ]);
    expect(Number(limit)).toBe(640 * 1024 * 1024);
    await writeFile(file, 'memroy: 640 MB\n');
    const wrong = await lab.json(['deploy', 'tuned', '--image', lab.bed.images['study:v2'], '--config', file]);
    expect({ exitCode: wrong.exitCode, code: wrong.value.error.code }).toEqual({ exitCode: 2, code: 'config-invalid' });
    expect(JSON.stringify(wrong.value.error)).toContain('memory');
  });
});

describe('hostile words', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await lab.succeed(['deploy', 'target', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('are refused with a clear error, and nothing is written or run', { timeout: 600_000 }, async () => {
    const servicesBefore = await lab.docker(['service', 'ls', '-q']);
    const configsBefore = await lab.docker(['config', 'ls', '-q']);
    const commands = [
      ...sample(hostileNames).map((name) => ['deploy', '--image', 'img', '--', name]),
      ...sample(hostileImages).map((image) => ['deploy', 'target', `--image=${image}`]),
      ...sample(hostileHosts).map((host) => ['address', '--', 'target', host]),
      ...sample(hostileNames.filter((name) => !isVariableName(name))).map((name) => [
        'variable',
        'set',
        '--',
        'target',
        `${name}=x`,
      ]),
    ];
    expect(commands.length).toBeGreaterThanOrEqual(200);
    const surprises: string[] = [];
    for (const batch of batches(commands, 6))
      await Promise.all(
        batch.map(async (words) => {
          const { exitCode, stdout, stderr } = await lab.oforest(['--json', ...words]);
          const refused =
            [2, 3, 5, 6].includes(exitCode) && stdout.includes('"ok":false') && !stdout.includes('"code":"bug"');
          const usage = exitCode === 2 && stderr.startsWith('error:');
          if (!refused && !usage)
            surprises.push(`${exitCode} ${JSON.stringify(words)}\n${stdout.slice(0, 300)}${stderr.slice(0, 300)}`);
          // Nothing hostile reaches a terminal as a control sequence.
          if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(stdout + stderr))
            surprises.push(`control bytes: ${JSON.stringify(words)}`);
        }),
      );
    expect(surprises).toEqual([]);
    expect(await lab.docker(['service', 'ls', '-q'])).toBe(servicesBefore);
    expect(await lab.docker(['config', 'ls', '-q'])).toBe(configsBefore);
    expect(await lab.get('target.oforest.test', '/login')).toMatchObject({ status: 200, release: 'v1' });
  });
});

/**
 * Every fourth that argv can carry (no NUL, no word above 128 KiB): the parsers have met all of them in the unit tests,
 * here a share of them meets the program, the server and the terminal.
 */
function sample(words: readonly string[]): readonly string[] {
  return words
    .filter((word) => !word.includes('\0') && Buffer.byteLength(word) < 100_000)
    .filter((_, index) => index % 4 === 0);
}

/** `CON` is no name of a study, and a good one for a variable. */
const isVariableName = (name: string) => /^[A-Z_][A-Z0-9_]*$/.test(name);

function batches<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
