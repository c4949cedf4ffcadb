import {
  parseEnvironment,
  parseExperimentName,
  type Review,
  reviewBackup,
  reviewDelete,
  reviewDeploy,
  reviewPurge,
  reviewReset,
  reviewRestart,
  reviewRestore,
  reviewRollback,
  reviewStart,
  reviewStop,
  reviewUndelete,
  reviewUndo,
  type Server,
} from '../../../core/index.ts';
import type { Asked } from '../model/effects.ts';

/** What the person asked for, reviewed by core: the same as its command. Throws what the review throws. */
export async function reviewAsked(asked: Asked, server: Server, signal: AbortSignal): Promise<Review> {
  const subject = {
    experiment: parseExperimentName(asked.study.experiment),
    environment: parseEnvironment(asked.study.environment),
  };
  switch (asked.verb) {
    case 'deploy':
      return reviewDeploy(
        { ...subject, image: asked.image, addColumns: asked.addColumns ?? false },
        { ...server, signal },
      );
    case 'rollback':
      return reviewRollback({ ...subject, ...(asked.to !== undefined && { to: asked.to }) }, server);
    case 'restore':
      // One Enter on a line of a list must not replace data, though `undo` would bring it back.
      return { ...(await reviewRestore({ ...subject, backup: asked.backup }, server)), wants: 'typed-name' };
    case 'delete':
      return reviewDelete({ ...subject, now: new Date() }, server);
    default:
      return plainReviews[asked.verb](subject, server);
  }
}

const plainReviews = {
  start: reviewStart,
  stop: reviewStop,
  restart: reviewRestart,
  backup: reviewBackup,
  reset: reviewReset,
  undo: reviewUndo,
  undelete: reviewUndelete,
  purge: reviewPurge,
} as const;
