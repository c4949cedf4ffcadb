/** Bundles the program into dist/oforest.js, with the licences of what it contains. */
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle.ts';
import { noticesOf } from './notices.ts';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const { metafile } = await build(bundleOptions(version));
await chmod('dist/oforest.js', 0o755);
await writeFile('dist/THIRD-PARTY-NOTICES.txt', await noticesOf(metafile));

// Chunks of earlier builds go after, so that a program that starts meanwhile finds its own.
const current = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of await readdir('dist/chunks')) if (!current.has(file)) await rm(`dist/chunks/${file}`);
