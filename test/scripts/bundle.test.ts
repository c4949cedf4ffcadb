import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions } from '../../scripts/bundle.ts';
import { noticesOf } from '../../scripts/notices.ts';

let outputs: Metafile['outputs'];

beforeAll(async () => {
  outputs = (await build({ ...bundleOptions('test'), write: false })).metafile.outputs;
});

/** The chunks that Node loads when one of our files is imported by itself: not those that it imports later. */
function chunksWith(entry: string): readonly Metafile['outputs'][string][] {
  const paths = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === entry));
  // A set that grows is walked to its end.
  for (const path of paths)
    for (const { kind, path: other, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) paths.add(other);
  return [...paths].flatMap((path) => outputs[path] ?? []);
}

function filesWith(entry: string): readonly string[] {
  return chunksWith(entry).flatMap(({ inputs }) => Object.keys(inputs));
}

function packagesWith(entry: string): readonly string[] {
  const names = filesWith(entry).flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** What they ask of Node: `node:net`; `net` where CommonJS asks. */
function builtinsWith(entry: string): readonly string[] {
  return chunksWith(entry)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external }) => external && kind !== 'dynamic-import')
    .map(({ path }) => path);
}

describe('the built program', () => {
  it('imports node:http nowhere, for that would make Node load undici', () => {
    const imported = Object.values(outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ kind, external }) => kind === 'import-statement' && external)
      .map(({ path }) => path);

    expect(imported).toContain('node:net');
    expect(imported.filter((path) => /^(node:)?http$/.test(path))).toEqual([]);
  });

  it('loads for `list` no command that does more than look, and of core nothing that changes a server', () => {
    const files = filesWith('src/cli/program.ts');

    expect(files).toContain('src/core/operations/list-experiments.ts');
    const commands = ['default', 'list', 'releases', 'status'].map((name) => `src/cli/commands/${name}.ts`);
    expect(files.filter((file) => file.startsWith('src/cli/commands/')).sort()).toEqual(commands);
    expect(files.filter((file) => /^src\/(sandbox|cli\/(tui|lines|sandbox\/(?!name)))/.test(file))).toEqual([]);
    expect(files.filter((file) => /\/(run-.+|keeper.*|prepare-platform|job-.+|backup-.+)\.ts$/.test(file))).toEqual([]);
  });

  it('loads for `list` only what reads a command line, a config and the answers of dockerd', () => {
    expect(packagesWith('src/cli/program.ts')).toEqual(['commander', 'yaml', 'zod']);
  });

  it('loads ssh2 for whoever goes over SSH', () => {
    expect(packagesWith('src/core/ssh/log-in.ts')).toContain('ssh2');
  });

  it.each(['src/cli/program.ts', 'src/core/ssh/log-in.ts'])('leaves TLS to who needs it, not %s', (entry) => {
    const builtins = builtinsWith(entry);

    expect(builtins.some((path) => /crypto$/.test(path))).toBe(true);
    expect(builtins.filter((path) => /^(node:)?(tls|https)$/.test(path))).toEqual([]);
  });

  it('loads the rest for a command that changes something', () => {
    const files = filesWith('src/cli/other-commands.ts');

    expect(files).toContain('src/cli/commands/deploy.ts');
    expect(files).toContain('src/core/operations/run-operation.ts');
  });

  it('carries the licences of what it contains', async () => {
    const notices = await noticesOf({ outputs });

    for (const name of ['commander', 'ink', 'nodemailer', 'react', 'ssh2', 'tar-stream', 'yaml', 'yoga-layout', 'zod'])
      expect(notices, name).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    expect(notices).toContain('Permission is hereby granted');
    expect(notices).not.toMatch(/^(typescript|vitest|esbuild) /m);
  });
});
