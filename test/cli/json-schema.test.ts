import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publishedSchema } from '../../src/cli/json-schema.ts';
import { validateAnswer, validateEventLine } from '../support/json-answers.ts';

const published = JSON.parse(readFileSync(`${import.meta.dirname}/../../docs/json.schema.json`, 'utf8'));

describe('the published JSON schema', () => {
  it('is what the commands are held to; make it anew with `npm run docs`', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(publishedSchema())));
  });

  it('is of the draft it names, and every reference leads somewhere', () => {
    const text = JSON.stringify(published);
    const names = [...text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name);

    expect(published.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => published.$defs[name ?? ''] === undefined)).toEqual([]);
  });

  it('leaves objects open, so that a version may gain fields', () => {
    expect(JSON.stringify(published)).not.toContain('"additionalProperties":false');
  });

  it('names every answer, so that generated types have names', () => {
    for (const { $ref } of published.anyOf) expect($ref).toMatch(/^#\/\$defs\/[a-z-]+$/);
  });
});

describe('the check of an answer', () => {
  const accepted = { version: 1, ok: true, operation: 'abcdefghij', outcome: 'accepted', stack: 'my-exp' };

  it('accepts what a command prints', () => {
    expect(validateAnswer(accepted)).toEqual([]);
    expect(validateAnswer(accepted, 'deploy')).toEqual([]);
    expect(validateEventLine({ ...accepted, kind: 'result' })).toEqual([]);
  });

  it('names a field that is not published', () => {
    expect(validateAnswer({ ...accepted, colour: 'red' })).toEqual(['colour: is not published']);
  });

  it('names a missing field, a wrong version and a wrong value', () => {
    const { stack: _, ...incomplete } = accepted;

    expect(validateAnswer(incomplete)).toEqual([expect.stringMatching(/^stack: /)]);
    expect(validateAnswer({ ...accepted, version: 2 })).toEqual([expect.stringMatching(/^version: /)]);
    expect(validateAnswer({ ...accepted, ok: 'yes' })).toEqual([expect.stringMatching(/^ok: /)]);
  });

  it('refuses the answer of another command', () => {
    expect(validateAnswer(accepted, 'list')).not.toEqual([]);
  });

  it('tells the two forms apart', () => {
    expect(validateAnswer({ ...accepted, kind: 'result' })).toEqual(['kind: belongs to --json=lines']);
    expect(validateEventLine(accepted)).toEqual(['kind: is missing']);
  });

  it('accepts only error codes that exist', () => {
    const failure = (code: string) => ({ version: 1, ok: false, error: { code, what: 'doing it' } });

    expect(validateAnswer(failure('operation-running'))).toEqual([]);
    expect(validateAnswer(failure('bug'))).toEqual([]);
    expect(validateAnswer(failure('bad-luck'))).toEqual([expect.stringMatching(/^error\.code: /)]);
  });
});
