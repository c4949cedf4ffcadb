/** Writes docs/json.schema.json from src/cli/json-schema.ts: `npx node scripts/json-schema.ts`. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { publishedSchema } from '../src/cli/json-schema.ts';

const file = 'docs/json.schema.json';
await writeFile(file, JSON.stringify(publishedSchema(), undefined, 2));
execFileSync('node_modules/.bin/biome', ['format', '--write', file], { stdio: 'inherit' });
