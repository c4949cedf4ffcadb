import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type FirstRun, noFirstRun, tourSteps, waysOfCertificates } from '../model/first-run.ts';

const Kept = z.object({
  format: z.literal(1),
  at: z.enum(['welcome', 'connect', 'sandbox']),
  connect: z.object({ address: z.string(), name: z.string(), keyFile: z.string() }),
  prepare: z.object({
    domain: z.string(),
    certificates: z.enum(waysOfCertificates),
    email: z.string(),
    certificateFile: z.string(),
    keyFile: z.string(),
    traefikImage: z.string(),
    postgresImage: z.string(),
  }),
  tour: z.object({
    since: z.number().optional(),
    done: z.array(z.enum(tourSteps)),
    isHidden: z.boolean(),
  }),
});

/** Where somebody is who begins, in a file that only they can read. */
export interface FirstRunMemory {
  /** Nothing begun, where there is nothing that can be read. */
  read(): Promise<FirstRun>;
  /** Writes where it is another one than before, one after the other. A disk that is full is no reason to stop. */
  write(firstRun: FirstRun): Promise<void>;
}

export function firstRunMemory({ stateDir }: { stateDir: string }): FirstRunMemory {
  const file = join(stateDir, 'first-run.json');
  let written = JSON.stringify(noFirstRun);
  let writing = Promise.resolve();
  return {
    async read() {
      try {
        const { at, connect, prepare, tour } = Kept.parse(JSON.parse(await readFile(file, 'utf8')));
        const found: FirstRun = { at, connect, prepare, tour: { ...tour, since: tour.since } };
        written = JSON.stringify(found);
        return found;
      } catch {
        return noFirstRun;
      }
    },
    write(firstRun) {
      const text = JSON.stringify(firstRun);
      if (text === written) return writing;
      written = text;
      writing = writing.then(async () => {
        // Only the newest is of use to anybody.
        if (text === written) await replace(file, JSON.stringify({ format: 1, ...firstRun }), stateDir);
      });
      return writing;
    },
  };
}

async function replace(file: string, text: string, dir: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => {});
  }
}
