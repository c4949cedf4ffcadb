import { describe, expect, it } from 'vitest';
import { parseVariableName, parseVariableValue, templateLiteral } from '../../../src/core/domain/variable.ts';
import { hostileNames, hostileValues } from '../../support/hostile.ts';
import { codeOf, failureOf, parsedOrRefused, texts } from './generate.ts';

describe('the name of a variable', () => {
  it.each(['TREATMENT', 'A', '_', 'X_2', 'PAYMENT_PATH', 'MY_ENV', 'PGG', 'PGGROUNDS', 'A'.repeat(64)])(
    'accepts %s as it is',
    (name) => {
      expect(parseVariableName(name)).toBe(name);
    },
  );

  it.each([
    'OTREE_PRODUCTION',
    'OTREE_',
    'POSTGRES_PASSWORD',
    'PGOPTIONS',
    'PGSSLMODE',
    'PGCONNECT_TIMEOUT',
    'DATABASE_URL',
    'PORT',
    'FORWARDED_ALLOW_IPS',
    'PATH',
    'HOME',
    'HOSTNAME',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'LD_PRELOAD',
    'OFOREST_X',
    'BASH_ENV',
    'ENV',
    'IFS',
  ])('refuses %s and says why', (name) => {
    const failure = failureOf(() => parseVariableName(name));
    expect(failure.code).toBe('variable-invalid');
    expect(failure.why).not.toContain('upper-case');
  });

  it('refuses every hostile name', () => {
    for (const name of hostileNames.filter((text) => !['CON', 'Z'].includes(text)))
      expect(parsedOrRefused(parseVariableName, name), JSON.stringify(name.slice(0, 60))).toBeUndefined();
  });

  it.each(['1A', 'A-B', 'a', '', 'A B', 'A=B', 'A'.repeat(65), 'Ä', 'A\n'])('refuses %j', (name) => {
    expect(codeOf(() => parseVariableName(name))).toBe('variable-invalid');
  });

  it('proposes upper case for lower case', () => {
    expect(failureOf(() => parseVariableName('pay-rate')).hint).toBe('Write it as PAY_RATE.');
  });
});

describe('the value of a variable', () => {
  it('comes back letter by letter or is refused, for every hostile value', () => {
    for (const value of hostileValues) {
      const parsed = parsedOrRefused((text) => parseVariableValue('A', text), value);
      const isRefused = value.includes('\0') || !value.isWellFormed() || Buffer.byteLength(value) > 32 * 1024;
      expect(parsed).toBe(isRefused ? undefined : value);
    }
  });

  it('does not repeat a refused value', () => {
    const { message, why, hint } = failureOf(() => parseVariableValue('A', 'hunter2\0'));
    expect(`${message}${why}${hint}`).not.toContain('hunter2');
  });
});

describe('a value as Swarm is given it', () => {
  it.each([
    ['plain', 'plain'],
    ['}} { {', '}} { {'],
    ['{{.Node.ID}}', '{{"{{"}}.Node.ID}}'],
    ['{{{', '{{"{{"}}{'],
    ['{{{{', '{{"{{"}}{{"{{"}}'],
  ])('turns %s into %s', (value, literal) => {
    expect(templateLiteral(value)).toBe(literal);
  });

  it('is the value again once a node has expanded it', () => {
    const alphabet = ['{', '{', '}', '"', 'a', ' ', '-', '`', '/*', '*/', '.Node.ID', '\\', '\n'];
    for (const value of [...hostileValues, ...texts(alphabet, { count: 20_000, maxLength: 10 })])
      expect(expand(`NAME=${templateLiteral(value)}`)).toBe(`NAME=${value}`);
  });

  it('is checked with an expander that would notice', () => {
    expect(() => expand('{{.Node.ID}}')).toThrow();
    expect(() => expand('{{')).toThrow();
    expect(expand('{{"a"}}b}}{')).toBe('ab}}{');
    expect(expand('a {{- "b" -}} c')).toBe('abc');
  });
});

/** Go's text/template, as far as actions that are one quoted string: scans for `{{` from the left, trims at `{{- `. */
function expand(template: string): string {
  let [output, rest] = ['', template];
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const action = /^\{\{(- )?\s*"((?:[^"\\\n]|\\.)*)"\s*?( -)?\}\}/.exec(rest.slice(open, open + 200));
    if (!action) throw new Error(`this is no quoted string: ${rest.slice(open, open + 20)}`);
    const [whole, trimsLeft, text = '', trimsRight] = action;
    const before = rest.slice(0, open);
    output += (trimsLeft ? before.trimEnd() : before) + JSON.parse(`"${text}"`);
    rest = rest.slice(open + whole.length);
    if (trimsRight) rest = rest.trimStart();
  }
  return output + rest;
}
