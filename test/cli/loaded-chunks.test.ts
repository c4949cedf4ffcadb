import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = resolve('dist/oforest.js');
/** The build names the packages that went into a chunk. */
const drawing = /^\/\/ node_modules\/(ink|react|react-reconciler|yoga-layout)\//m;
const tellsWhatIsLoaded = `
import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (url.startsWith('file:')) process.stderr.write('loaded ' + url + '\\n'); return next(url, context); } });`;

describe('the built program', () => {
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'oforest-loaded-'));
  });
  afterAll(() => rm(home, { recursive: true }));

  /** Files that a command line loads, whether it ends well or not. */
  const loadedBy = (words: readonly string[]): Promise<readonly string[]> =>
    new Promise((done) => {
      const env = {
        ...{ PATH: process.env.PATH, HOME: home, OFOREST_CONFIG: join(home, 'none.yml') },
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellsWhatIsLoaded)}`,
      };
      execFile(process.execPath, [program, ...words], { env }, (_error, _stdout, stderr) =>
        done([...stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url]) => fileURLToPath(url ?? ''))),
      );
    });

  it.each([
    [['list', '--json']],
    [['status', 'my-exp', '--json']],
    [['deploy', 'my-exp', '--image', 'x', '--json']],
    [['activity']],
    [['--help']],
    [['--version']],
    [['--no-input']],
  ])('draws nothing for a script, and loads nothing to draw with: %j', async (words) => {
    const loaded = await loadedBy([...words, '--server', 'nowhere']);

    expect(loaded).toContain(program);
    const texts = await Promise.all(loaded.map((file) => readFile(file, 'utf8')));
    expect(loaded.filter((_, index) => drawing.test(texts[index] ?? ''))).toEqual([]);
  });

  it('has the means to draw in chunks of their own', async () => {
    const chunks = (await readdir('dist/chunks')).filter((file) => file.endsWith('.js'));
    const texts = await Promise.all(chunks.map((file) => readFile(join('dist/chunks', file), 'utf8')));

    expect(chunks.filter((_, index) => drawing.test(texts[index] ?? ''))).not.toEqual([]);
  });
});
