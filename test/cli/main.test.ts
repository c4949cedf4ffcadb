import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('the first file that Node reads', () => {
  it('names nothing that an old Node lacks, so that people hear which Node they need', () => {
    const text = readFileSync(`${import.meta.dirname}/../../src/cli/main.ts`, 'utf8');

    // `import { x } from 'node:y'` without such an x ends before the first line of ours runs.
    expect(text).not.toMatch(/^import\s+(?:\w+\s*,\s*)?\{[^}]*\}\s+from 'node:/m);
  });
});
