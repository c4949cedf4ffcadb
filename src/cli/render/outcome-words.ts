import type { Activity } from '../../core/index.ts';

/** How an operation stands or ended, as people say it. */
export const outcomeWords: Readonly<Record<Activity['state'], string>> = {
  accepted: 'not begun yet',
  running: 'running',
  stale: 'left unfinished',
  succeeded: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
};
