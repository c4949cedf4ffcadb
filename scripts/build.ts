/** Bundles the program into dist/oforest.js; splitting keeps what a command does not need out of its start. */
import { chmod, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const shebang = ['#!/usr/bin/env node'];
const commonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
];

await build({
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
  define: { OFOREST_VERSION: JSON.stringify(version) },
  // ssh2 is CommonJS and looks for these.
  banner: { js: [...shebang, ...commonJs].join('\n') },
  logLevel: 'warning',
});
await chmod('dist/oforest.js', 0o755);
