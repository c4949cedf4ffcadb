import { resolve } from 'node:path';
import { type Clock, expandHome, parseStackName, randomText, type Server, withExport } from '../../../core/index.ts';
import { checkExportFolder, writeExport } from '../../export-folder.ts';
import type { ExportPhase } from '../model/screens/export.ts';

interface ExportAskedNeeds {
  readonly server: Server;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly home: string;
  readonly show: (phase: ExportPhase) => void;
}

/** Each chunk would be a frame of its own. */
const showEveryMs = 250;

/** Writes the data of a study into a new folder, as `oforest export` does. Throws what that throws. */
export async function exportAsked(
  { stack, folder: asked }: { readonly stack: string; readonly folder: string },
  { server: { swarm, registryAuth }, clock, signal, home, show }: ExportAskedNeeds,
): Promise<ExportPhase> {
  const folder = resolve(expandHome(asked, home));
  await checkExportFolder(folder);
  let shownAt = 0;
  const progress = (done: number, total: number) => {
    const now = clock.now().getTime();
    if (now - shownAt < showEveryMs) return;
    shownAt = now;
    show({ kind: 'running', fetched: { done, total } });
  };
  return await withExport(
    { stack: parseStackName(stack), anonymous: false, format: 'csv', perSession: false },
    async (study) => {
      await writeExport(study, folder, { progress, signal });
      const missing = study.failed.map(({ name, error, at }) => `${name}: ${error} at ${at}`);
      return { kind: 'done', folder, files: study.files.length, missing };
    },
    { swarm, registryAuth, clock, random: randomText, signal },
  );
}
