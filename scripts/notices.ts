/** The licences of what the bundle contains: their terms travel with the copies. */
import { readdir, readFile } from 'node:fs/promises';
import type { Metafile } from 'esbuild';

/** Name, version, licence and its text, for each package of which something is in the outputs; by name. */
export async function noticesOf({ outputs }: Pick<Metafile, 'outputs'>): Promise<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = inputs.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const notices = await Promise.all([...new Set(folders)].sort().map(noticeOf));
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')));
  if (texts.length === 0 && license === undefined) throw new Error(`${folder} says nothing of its licence.`);
  return [`${name} ${version} (${license ?? 'see below'})\n`, ...texts].map((text) => `${text.trim()}\n`).join('\n');
}
