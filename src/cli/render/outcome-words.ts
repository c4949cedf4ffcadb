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

/** One that was cancelled ended as somebody wanted it: it did not fail. */
export function outcomeWord(activity: Pick<Activity, 'state' | 'error'>): string {
  return isCancelled(activity) ? 'cancelled' : outcomeWords[activity.state];
}

export function isCancelled({ state, error }: Pick<Activity, 'state' | 'error'>): boolean {
  return (state === 'failed' || state === 'interrupted') && error?.code === 'operation-cancelled';
}
