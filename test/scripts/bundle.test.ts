import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../scripts/bundle.ts';

let outputs: Metafile['outputs'];

beforeAll(async () => {
  outputs = (await build({ ...bundleOptions('test'), write: false })).metafile.outputs;
});

describe('the built program', () => {
  it('imports node:http nowhere, for that would make Node load undici', () => {
    const imported = Object.values(outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ kind, external }) => kind === 'import-statement' && external)
      .map(({ path }) => path);

    expect(imported).toContain('node:net');
    expect(imported.filter((path) => /^(node:)?http$/.test(path))).toEqual([]);
  });
});
