/** Bundles the program into dist/oforest.js; splitting keeps what a command does not need out of its start. */
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const shebang = ['#!/usr/bin/env node'];
const commonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
];

const { metafile } = await build({
  entryPoints: { oforest: 'src/cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minifySyntax: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  external: ['cpu-features', '*.node'],
  // React without its checks for developers, and Ink without React's developer tools, which are not installed.
  define: {
    OFOREST_VERSION: JSON.stringify(version),
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
  },
  alias: {
    'react-devtools-core': './scripts/nothing.js',
    'string-width': './src/cli/tui/view/string-width.ts',
  },
  // ssh2 is CommonJS and looks for these.
  banner: { js: [...shebang, ...commonJs].join('\n') },
  metafile: true,
  logLevel: 'warning',
});
await chmod('dist/oforest.js', 0o755);

// Chunks of earlier builds go after, so that a program that starts meanwhile finds its own.
const current = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of await readdir('dist/chunks')) if (!current.has(file)) await rm(`dist/chunks/${file}`);
