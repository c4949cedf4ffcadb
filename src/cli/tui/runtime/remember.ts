import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type ExperimentSummary, studyStates, toldByTasks } from '../../../core/index.ts';

const Summary: z.ZodType<ExperimentSummary> = z.object({
  experiment: z.string(),
  environment: z.string(),
  stack: z.string(),
  state: z.enum(studyStates).exclude(toldByTasks),
  release: z.number(),
  url: z.string(),
  image: z.string(),
  owner: z.string(),
  changedAt: z.string(),
});

const RememberedList = z.object({
  format: z.literal(1),
  server: z.string(),
  asOf: z.number(),
  studies: z.array(Summary),
});

/** The list of a server as it was last seen; who was in a session is not kept. */
export interface Remembered {
  readonly studies: readonly ExperimentSummary[];
  /** Unix ms. */
  readonly asOf: number;
}

export interface Memory {
  /** Undefined where there is nothing, or nothing that can be read. */
  read(): Promise<Remembered | undefined>;
  /** Writes where the list is another one than before. A disk that is full is no reason to stop. */
  write(studies: readonly ExperimentSummary[], asOf: number): Promise<void>;
}

/** What is remembered of one server, in a file of its own that only its owner can read. */
export function memoryOf(server: string, { stateDir }: { stateDir: string }): Memory {
  const dir = join(stateDir, 'last-lists');
  const file = join(dir, `${encodeURIComponent(server)}.json`);
  let written: string | undefined;
  return {
    async read() {
      try {
        const { studies, asOf, ...found } = RememberedList.parse(JSON.parse(await readFile(file, 'utf8')));
        if (found.server !== server) return undefined;
        written ??= JSON.stringify(studies);
        return { studies, asOf };
      } catch {
        return undefined;
      }
    },
    async write(given, asOf) {
      const studies = z.array(Summary).parse(given);
      const text = JSON.stringify(studies);
      if (text === written) return;
      written = text;
      const draft = `${file}.${randomUUID()}`;
      try {
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await writeFile(draft, JSON.stringify({ format: 1, server, asOf, studies }), { mode: 0o600 });
        await rename(draft, file);
      } catch {
        await rm(draft, { force: true }).catch(() => {});
      }
    },
  };
}
