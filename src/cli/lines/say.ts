import { type ScreenName, type TuiState, topScreen } from '../tui/model/state.ts';
import { sayActivity } from './screens/activity.ts';
import { sayAdmin } from './screens/admin.ts';
import { sayBackups } from './screens/backups.ts';
import { sayCancel } from './screens/cancel.ts';
import { sayCheck } from './screens/check.ts';
import { sayConnect } from './screens/connect.ts';
import { sayDrawn } from './screens/drawn.ts';
import { sayExperiments } from './screens/experiments.ts';
import { sayExport } from './screens/export.ts';
import { sayHistory } from './screens/history.ts';
import { sayImage } from './screens/image.ts';
import { sayLinks } from './screens/links.ts';
import { sayLogs } from './screens/logs.ts';
import { sayNewStudy } from './screens/new-study.ts';
import { sayPrepare } from './screens/prepare.ts';
import { sayProgress } from './screens/progress.ts';
import { sayReview } from './screens/review.ts';
import { sayRollback } from './screens/rollback.ts';
import { sayServers } from './screens/servers.ts';
import { sayStudy } from './screens/study.ts';
import { sayWait } from './screens/wait.ts';
import { sayWelcome } from './screens/welcome.ts';
import type { Say, Spoken } from './spoken.ts';

/** Every screen and how it is told. A new one begins with `sayDrawn`: it is reached at once, and told better later. */
const sayings: { readonly [Name in ScreenName]: Say<Name> } = {
  activity: sayActivity,
  backups: sayBackups,
  check: sayCheck,
  history: sayHistory,
  experiments: sayExperiments,
  study: sayStudy,
  image: sayImage,
  'new-study': sayNewStudy,
  rollback: sayRollback,
  review: sayReview,
  wait: sayWait,
  cancel: sayCancel,
  progress: sayProgress,
  export: sayExport,
  links: sayLinks,
  admin: sayAdmin,
  logs: sayLogs,
  servers: sayServers,
  welcome: sayWelcome,
  connect: sayConnect,
  prepare: sayPrepare,
  passphrase: sayDrawn,
  palette: sayDrawn,
  help: sayDrawn,
};

export function say(state: TuiState): Spoken {
  const top = topScreen(state);
  return (sayings[top.name] as Say)(state, top);
}
