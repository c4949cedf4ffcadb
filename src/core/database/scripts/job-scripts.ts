import { backupScripts } from './backup-scripts.ts';
import { databaseScripts } from './database-scripts.ts';
import { fileScripts } from './file-scripts.ts';

/**
 * The constant scripts of jobs, as `/bin/sh -c` gets them: whatever copies or changes a study's data. Nothing is pasted
 * into them: values come by environment, passwords from the files of secrets. Each says on its last line how it ended,
 * and changes nothing when it is run a second time.
 */
export const jobScripts = { ...backupScripts, ...databaseScripts, ...fileScripts } satisfies Record<string, string>;
export type JobName = keyof typeof jobScripts;
