/** Makes the pictures and tables of docs/terminal-ui.md from the program itself: `npm run docs`. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guideFiles, page } from './docs/guide.ts';

// Times on the pictures are no matter of where somebody is.
process.env.TZ = 'UTC';

const folder = 'docs/pictures';
const files = guideFiles(await readFile(page, 'utf8'));
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) if (!files.has(join(folder, name))) await rm(join(folder, name));
for (const [path, text] of files) await writeFile(path, text);
