/**
 * Makes what the documentation takes from the program itself: the pictures, tables and conversations of the guide to the
 * terminal UI, and the schema of the JSON output. `npm run docs`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedSchema } from '../src/cli/json-schema.ts';
import { guideFiles } from './docs/guide.ts';

// Times on the pictures are no matter of where somebody is.
process.env.TZ = 'UTC';

const folder = 'docs/pictures';
const files = guideFiles((page) => readFileSync(page, 'utf8'));
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) if (!files.has(join(folder, name))) await rm(join(folder, name));
for (const [path, text] of files) await writeFile(path, text);

const schema = 'docs/json.schema.json';
await writeFile(schema, JSON.stringify(publishedSchema(), undefined, 2));
execFileSync('node_modules/.bin/biome', ['format', '--write', schema], { stdio: 'ignore' });
