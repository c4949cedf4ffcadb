/** How the program becomes what Node runs: splitting keeps what a command does not need out of its start. */
import type { BuildOptions } from 'esbuild';

const shebang = ['#!/usr/bin/env node'];
const commonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
];

export function bundleOptions(version: string): BuildOptions & { metafile: true } {
  return {
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
      'node:http': './scripts/node-http.cjs',
      'react-devtools-core': './scripts/nothing.js',
      'string-width': './src/cli/tui/view/string-width.ts',
    },
    // ssh2 is CommonJS and looks for these.
    banner: { js: [...shebang, ...commonJs].join('\n') },
    metafile: true,
    logLevel: 'warning',
  };
}
