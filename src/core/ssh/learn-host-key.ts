import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ExpectedError } from '../errors.ts';

/**
 * Writes a host key down that a person has compared, as ssh does after its question: `line` as `host-key-unknown` has it
 * in `details.knownHostsLine`. Throws `file-unreadable`.
 */
export async function learnHostKey({ file, line }: { file: string; line: string }): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const before = await readFile(file, 'utf8').catch(() => '');
    const start = before === '' || before.endsWith('\n') ? '' : '\n';
    await appendFile(file, `${start}${line}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new ExpectedError('file-unreadable', `writing the host key to ${file}`, {
      why: `The file cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`,
      now: 'The host is not trusted yet.',
      hint: `Check its owner and rights: ls -l ${file}`,
      cause,
    });
  }
}
