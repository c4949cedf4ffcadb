import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => `src/${file}`);

/** Every import of a file: packages by name, our own files as paths from the root. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target]) => target ?? '');
  return found.map((target) => (target.startsWith('.') ? relative(root, resolve(root, file, '..', target)) : target));
}

const imports = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })));
const broken = (rule: (edge: { file: string; target: string }) => boolean) =>
  imports.filter(rule).map(({ file, target }) => `${file} → ${target}`);

/** Lower may not import higher. Records stand beside the Swarm they are kept in; a database is reached through it. */
const layers = ['domain', 'ssh', 'config', 'registry', 'entry', 'swarm', 'records', 'database', 'operations'] as const;
const levelOf = {
  ...{ domain: 0, ssh: 1, config: 1, registry: 1, entry: 1 },
  ...{ swarm: 2, records: 2, database: 3, operations: 4 },
} as const;
const layerOf = (path: string) => layers.find((layer) => path.startsWith(`src/core/${layer}/`));

/** The folders of operations, in the order in which they may know each other; what can be asked for stands outside of them. */
const parts = ['guard/', 'steps/', 'platform/', 'review/', '', 'keeper/'];
const partOf = (path: string) => parts.indexOf(/^src\/core\/operations\/([a-z]+\/)?/.exec(path)?.[1] ?? '');

describe('imports point one way', () => {
  it('finds the files and their imports at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(150);
  });

  it('lets surfaces into core by its one door', () => {
    expect(
      broken(
        ({ file, target }) =>
          /^src\/(cli|bot)\//.test(file) && target.startsWith('src/core/') && target !== 'src/core/index.ts',
      ),
    ).toEqual([]);
  });

  it('keeps core free of surfaces, and surfaces of each other', () => {
    expect(
      broken(({ file, target }) => file.startsWith('src/core/') && /^src\/(cli|bot|sandbox)\//.test(target)),
    ).toEqual([]);
    expect(broken(({ file, target }) => file.startsWith('src/cli/') && target.startsWith('src/bot/'))).toEqual([]);
    expect(broken(({ file, target }) => file.startsWith('src/bot/') && target.startsWith('src/cli/'))).toEqual([]);
  });

  it('lets the sandbox know types of core and nothing more, and only surfaces know the sandbox', () => {
    const intoCore = files
      .filter((file) => file.startsWith('src/sandbox/'))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .filter((line) => /^(import|export) (?!type)/.test(line) && /from '[./]*core\//.test(line))
          .map((line) => `${file}: ${line}`),
      );
    expect(intoCore).toEqual([]);
    expect(broken(({ file, target }) => file.startsWith('src/sandbox/') && /^src\/(cli|bot)\//.test(target))).toEqual(
      [],
    );
  });

  it('points inside core from operations to gateways to domain', () => {
    expect(
      broken(({ file, target }) => {
        const from = layerOf(file);
        const to = layerOf(target);
        return from !== undefined && to !== undefined && from !== to && levelOf[to] > levelOf[from];
      }),
    ).toEqual([]);
  });

  it('points inside operations from the keeper to what can be asked for, to reviews, to steps, to the guard', () => {
    const inside = ({ file, target }: { file: string; target: string }) =>
      [file, target].every((path) => layerOf(path) === 'operations');
    expect(imports.filter(inside).length).toBeGreaterThan(150);
    expect(broken((edge) => inside(edge) && partOf(edge.target) > partOf(edge.file))).toEqual([]);
    expect(files.filter((file) => layerOf(file) === 'operations' && partOf(file) < 0)).toEqual([]);
  });

  it('points in the terminal UI to the model, which knows nothing of drawing', () => {
    const drawing = /^(ink|react)(\/|$)/;
    expect(
      broken(
        ({ file, target }) =>
          file.startsWith('src/cli/tui/model/') &&
          (/^src\/cli\/(tui\/(view|runtime)|lines)\//.test(target) || drawing.test(target)),
      ),
    ).toEqual([]);
    expect(
      broken(
        ({ file, target }) =>
          file.startsWith('src/cli/tui/view/') &&
          !file.endsWith('/app.tsx') &&
          (target.startsWith('src/cli/tui/runtime/') || drawing.test(target)),
      ),
    ).toEqual([]);
  });

  it('has no other index.ts', () => {
    expect(files.filter((file) => file.endsWith('/index.ts'))).toEqual(['src/core/index.ts']);
  });

  it('keeps console, argv and process.env out of core', () => {
    const offending = files.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return file.startsWith('src/core/') && /\bconsole\.|process\.(argv|env|std)/.test(text);
    });
    expect(offending).toEqual([]);
  });

  it('quotes words for a remote shell in one file alone, and spawns no shell', () => {
    expect(
      broken(({ file, target }) => file !== 'src/core/ssh/connection.ts' && target === 'src/core/ssh/quote.ts'),
    ).toEqual([]);
    const shells = files.filter((file) =>
      /\bshell: *true|execSync|exec\(`/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(shells).toEqual([]);
  });

  it('imports ssh2 in the ssh folder alone', () => {
    expect(broken(({ file, target }) => target === 'ssh2' && !/^src\/(core\/ssh|sandbox)\//.test(file))).toEqual([]);
  });
});
