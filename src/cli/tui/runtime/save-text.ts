import { writeFile } from 'node:fs/promises';
import { parse, resolve } from 'node:path';
import { ExpectedError } from '../../../core/index.ts';

/**
 * Writes a text into a new file of the current folder that only its owner can read, and says where it is. A file that is
 * there already is left alone: the new one gets a number. Throws `usage-wrong` where the folder takes no file.
 */
export async function saveText(
  { name, text }: { name: string; text: string },
  folder = process.cwd(),
): Promise<string> {
  const { name: stem, ext } = parse(name);
  for (let number = 1; ; number += 1) {
    const file = number === 1 ? name : `${stem}-${number}${ext}`;
    const path = resolve(folder, file);
    try {
      await writeFile(path, text, { flag: 'wx', mode: 0o600 });
      return `${file} is saved in ${resolve(folder)}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new ExpectedError('usage-wrong', `writing ${path}`, {
        why: 'This folder takes no file from you.',
        hint: 'Start oForest in a folder of your own.',
        cause: error,
      });
    }
  }
}
