/** How the program becomes what Node runs: splitting keeps what a command does not need out of its start. */
import { readFile } from 'node:fs/promises';
import type { BuildOptions, Plugin } from 'esbuild';

const shebang = ['#!/usr/bin/env node'];
const commonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
];

/**
 * Whoever takes a name from core's one door would load all of core, because esbuild does not divide what is behind one
 * file. In the bundle each name comes from the file that defines it.
 */
const pastTheDoor: Plugin = {
  name: 'past the door of core',
  async setup({ onLoad }) {
    const files = new Map<string, string>();
    const door = await readFile('src/core/index.ts', 'utf8');
    for (const [, names = '', file = ''] of door.matchAll(/^export \{([^}]+)\} from '\.\/(.+)';$/gm))
      for (const name of valuesOf(names)) files.set(name, file);
    const direct = (_: string, names: string, core: string) =>
      valuesOf(names)
        .map((name) => `import { ${name} } from '${core}${files.get(name)}';`)
        .join(' ');
    onLoad({ filter: /\/src\/cli\/.+\.tsx?$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(/^import \{([^}]+)\} from '(.+\/core\/)index\.ts';$/gm, direct);
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/** Of names in braces, without the types: those are gone in the bundle. */
function valuesOf(names: string): readonly string[] {
  const trimmed = names.split(',').map((name) => name.trim());
  return trimmed.filter((name) => name !== '' && !name.startsWith('type '));
}

/** The HTTP agents of ssh2 make Node load TLS, which takes long; nobody here uses them. */
const ssh2WithoutAgentsOfHttp: Plugin = {
  name: 'ssh2 without agents of HTTP',
  setup({ onLoad }) {
    onLoad({ filter: /\/ssh2\/lib\/http-agents\.js$/ }, () => ({ contents: '' }));
  },
};

/** Yoga would fetch the WebAssembly that it has in itself, for which Node loads all that `fetch` can do. */
const yogaWithoutFetch: Plugin = {
  name: 'Yoga without fetch',
  setup({ onLoad }) {
    onLoad({ filter: /\/yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll(/"function"!=typeof fetch/g, 'true');
      if (contents === text) throw new Error(`${path} does not ask for fetch any more.`);
      return { contents };
    });
  },
};

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
    external: ['*.node'],
    // React without its checks for developers, and Ink without React's developer tools, which are not installed.
    define: {
      OFOREST_VERSION: JSON.stringify(version),
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
    },
    alias: {
      // ssh2 would choose ciphers by it beside its native part, which a bundle has not.
      'cpu-features': './scripts/nothing.js',
      'node:http': './scripts/node-http.cjs',
      'react-devtools-core': './scripts/nothing.js',
      'string-width': './src/cli/tui/view/string-width.ts',
      // As ES modules: Node keeps what it compiled of these, and compiles the inside of CommonJS at each start.
      yaml: './node_modules/yaml/browser/index.js',
    },
    plugins: [pastTheDoor, ssh2WithoutAgentsOfHttp, yogaWithoutFetch],
    // ssh2 is CommonJS and looks for these.
    banner: { js: [...shebang, ...commonJs].join('\n') },
    metafile: true,
    logLevel: 'warning',
  };
}
