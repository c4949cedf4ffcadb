import { describe, expect, it } from 'vitest';
import { parseSettingsFile } from '../../../src/core/domain/settings.ts';
import { hostileValues } from '../../support/hostile.ts';
import { failureOf, parsedOrRefused, texts } from './generate.ts';

const read = (text: string) => parseSettingsFile(text, 'oforest.yml');
const whyNot = (text: string) => failureOf(() => read(text)).why;

describe('oforest.yml', () => {
  it('gives every setting it names', () => {
    const text = `
name: my-exp
port: 8080
memory: 1 GB
cpus: 0.5
env:
  TREATMENT: high
secrets:
  - PAYMENT_KEY
healthcheck:
  path: /login
guard:
  idleMinutes: 30
`;
    expect(read(text)).toEqual({
      name: 'my-exp',
      port: 8080,
      memory: { limitBytes: 1_073_741_824, reservationBytes: 536_870_912 },
      cpus: 0.5,
      variables: { TREATMENT: 'high' },
      secrets: ['PAYMENT_KEY'],
      healthcheckPath: '/login',
      guardIdleMinutes: 30,
    });
  });

  it.each(['', '# nothing yet\n', '{}'])('gives no setting where it names none: %j', (text) => {
    expect(read(text)).toEqual({});
  });

  it.each([
    ['memory: 512 MB', 512, 256],
    ['memory: 512MiB', 512, 256],
    ['memory: 1.5 GB', 1536, 768],
    ['memory: {limit: 1 GB, reservation: 128 MB}', 1024, 128],
  ])('reads %s', (text, limit, reservation) => {
    expect(read(text).memory).toEqual({ limitBytes: limit * 1024 ** 2, reservationBytes: reservation * 1024 ** 2 });
  });

  it('keeps values of variables as they are written', () => {
    const text =
      'env:\n  A: 007\n  B: 1.10\n  C: yes\n  D: null\n  E:\n  F: "a\\tb"\n  G: |\n    two\n    lines\n  H: 0x10\n';
    expect(read(text).variables).toEqual({
      A: '007',
      B: '1.10',
      C: 'yes',
      D: 'null',
      E: '',
      F: 'a\tb',
      G: 'two\nlines\n',
      H: '0x10',
    });
  });

  it.each([
    ['prot: 8000', 'line 1: prot: unknown key; did you mean "port"?'],
    ['\nhealthcheck:\n  path: /a\n  pth: /b', 'line 4: healthcheck.pth: unknown key; did you mean "path"?'],
    ['memory: {limit: 1 GB, reservtion: 1 GB}', 'memory.reservtion: unknown key; did you mean "reservation"?'],
    ['guard: {idleminutes: 3, idleMinutes: 3}', 'guard.idleminutes: unknown key; did you mean "idleMinutes"?'],
    ['volumes: [/:/host]', 'line 1: volumes: unknown key'],
    ['name: a\nname: b', 'line 2: this key stands here twice'],
    ['env: {A: 1, A: 2}', 'line 1: this key stands here twice'],
    ['env: {A: 1, "A": 2}', 'this key stands here twice'],
    ['port: 0', 'line 1: port: must be a whole number from 1 to 65535'],
    ['port: 80.5', 'port: must be'],
    ['port: -1', 'port: must be'],
    ['port:', 'port: must be'],
    ['memory: 512', 'memory.limit: must be a size such as 512 MB'],
    ['memory: 1 MB', '64 MB or more'],
    ['memory: [1]', 'line 1: memory: must be a size'],
    ['memory: {limit: 1 GB, reservation: 2 GB}', 'memory.reservation: is above the limit'],
    ['cpus: 0', 'cpus: must be between'],
    ['cpus: .inf', 'cpus: must be a number'],
    ['name: My Exp', 'Write it as my-exp'],
    ['env: [A]', 'env: must be'],
    ['env: {A: {B: c}}', 'env.A: must be a text'],
    ['\nenv:\n  A: 1\n  PATH: /tmp', 'line 4: env.PATH: The image'],
    ['env: {a: 1}', 'Write it as A'],
    ['env:\n  A: "\\0"', 'line 2: env.A: It holds a NUL'],
    ['secrets: A', 'secrets: must be a list'],
    ['secrets: [PORT]', 'secrets.0: The port is a setting'],
    ['secrets: [A, A]', 'secrets.1: A stands here twice'],
    ['env: {A: 1}\nsecrets:\n  - B\n  - A', 'line 4: secrets.1: A is a variable already'],
    ['healthcheck: /login', 'healthcheck: must have a path'],
    ['healthcheck: {path: "login"}', 'must be a path'],
    ['healthcheck: {path: "//evil.example"}', 'must be a path'],
    ['healthcheck: {path: "/`id`"}', 'must be a path'],
    ['guard: {idleMinutes: 0}', 'from 1 to 1440'],
    ['- a', 'must be a list of settings'],
    ['text', 'must be a list of settings'],
    ['a: 1\n---\nb: 2', 'line 2'],
    ['a: [', 'line 1'],
    ['port: !!js/function 1', 'Unresolved tag'],
    ['<<: {port: 1}', '<<: unknown key'],
    ['__proto__: {port: 1}', 'line 1: this cannot be a key'],
    ['env:\n  __proto__: x', 'line 2: this cannot be a key'],
    ['? [a]\n: b', 'this cannot be a key'],
    ['env: &a {A: 1}\nguard: *a', 'line 2: an alias'],
    [`name: abc\n# ${'x'.repeat(65 * 1024)}`, 'KiB; 64 are allowed'],
  ])('refuses %j: %s', (text, why) => {
    expect(failureOf(() => read(text)).code).toBe('config-invalid');
    expect(whyNot(text)).toContain(why);
  });

  it('gives scripts the line and the key', () => {
    const { details, hint } = failureOf(() => read('name: abc\nprot: 1'));
    expect(details).toMatchObject({ path: 'oforest.yml', line: 2, key: 'prot' });
    expect(hint).toBe('Correct oforest.yml, line 2.');
  });

  it('does not repeat the values of variables', () => {
    const { message, why, details } = failureOf(() => read('env:\n  A: "hunter2\\0"\n  b: hunter2'));
    expect(JSON.stringify([message, why, details])).not.toContain('hunter2');
  });

  it('ends bombs of aliases and of depth at once', () => {
    const aliases = `a: &a [x,x]\n${'bcdefghi'.replace(/./g, (key) => `${key}: &${key} [*a,*a,*a,*a,*a]\n`)}`;
    const start = performance.now();
    for (const depth of [15, 30, 100, 500, 1000, 2000, 4000, 8000, 30_000])
      for (const level of ['[', '{a: ', '- ', '? '])
        parsedOrRefused(read, level.repeat(Math.min(depth, 65_000 / level.length)));
    for (const depth of [100, 1000, 4000])
      expect(whyNot(`env: ${'['.repeat(depth)}${']'.repeat(depth)}`)).toContain('nested too deeply');
    expect(whyNot(aliases)).toContain('alias');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('reads thousands of keys, good, wrong or twice, in the time of a few', () => {
    const many = (line: (index: number) => string) =>
      Array.from({ length: 6000 }, (_, index) => line(index)).join('\n');
    for (const text of [
      `env:\n${many((index) => ` K${index}: 1`)}`,
      `env:\n${many((index) => ` k${index}: 1`)}`,
      `env:\n${many(() => ' K: 1')}`,
      many((index) => `k${index}: 1`),
      many(() => 'a:'),
      `secrets:\n${many((index) => ` - K${index}`)}`,
      `secrets:\n${many(() => ' - K')}`,
    ]) {
      const start = performance.now();
      parsedOrRefused(read, text);
      expect(performance.now() - start, text.slice(0, 30)).toBeLessThan(1500);
    }
  });

  it('reads back every hostile value, or refuses the file', () => {
    for (const value of hostileValues) {
      const settings = parsedOrRefused(read, `env:\n  A: ${JSON.stringify(value)}\n`);
      const isRefused = value.includes('\0') || !value.isWellFormed() || Buffer.byteLength(value) > 32 * 1024;
      if (isRefused) expect(settings).toBeUndefined();
      else if (settings) expect(settings.variables).toEqual({ A: value });
    }
  });

  it('throws nothing unforeseen, whatever the file holds', () => {
    for (const value of hostileValues) parsedOrRefused(read, value);
    const alphabet = [
      'name',
      'env',
      'memory',
      ':',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&a',
      '*a',
      '!',
      '|',
      '#',
      '?',
      'A',
      '1',
      '<<',
      ',',
    ];
    for (const text of texts(alphabet, { count: 5000, maxLength: 15 })) parsedOrRefused(read, text);
  });
});
