import type { Layout } from '../model/layout.ts';
import type { ScreenName, ScreenOf, TuiState } from '../model/state.ts';
import { topScreen } from '../model/state.ts';
import { activityBody } from './activity.ts';
import { adminBody } from './admin.ts';
import { backupsBody } from './backups.ts';
import { cancelBody } from './cancel.ts';
import { checkBody } from './check.ts';
import { connectBody } from './connect.ts';
import { experimentsBody } from './experiments.ts';
import { exportBody } from './export.ts';
import { helpBody } from './help.ts';
import { historyBody } from './history.ts';
import { imageBody } from './image.ts';
import type { Line } from './line.ts';
import { linksBody } from './links.ts';
import { logsBody } from './logs.ts';
import type { Look } from './look.ts';
import { newStudyBody } from './new-study.ts';
import { paletteBody } from './palette.ts';
import { passphraseBody } from './passphrase.ts';
import { prepareBody } from './prepare.ts';
import { progressBody } from './progress.ts';
import { reviewBody } from './review.ts';
import { rollbackBody } from './rollback.ts';
import { serversBody } from './servers.ts';
import { studyBody } from './study.ts';
import { waitBody } from './wait.ts';
import { welcomeBody } from './welcome.ts';

/** What a screen puts between head and foot. */
export interface Body {
  /** Where one is: " oForest › trust-game". */
  readonly title: Line;
  readonly body: readonly Line[];
  /** One line below: what it all comes to. */
  readonly summary: Line;
  /** What of the summary did not fit, shown where there is a line for it and nothing has to be read there. */
  readonly more?: Line;
  /** Whether nothing takes the place of the summary: a half of it would mislead. */
  readonly keepsSummary?: true;
}

export type DrawBody<Name extends ScreenName> = (
  state: TuiState,
  screen: ScreenOf<Name>,
  layout: Layout,
  look: Look,
) => Body;

const bodies: { readonly [Name in ScreenName]: DrawBody<Name> } = {
  experiments: experimentsBody,
  activity: activityBody,
  backups: backupsBody,
  check: checkBody,
  history: historyBody,
  study: studyBody,
  image: imageBody,
  'new-study': newStudyBody,
  rollback: rollbackBody,
  review: reviewBody,
  wait: waitBody,
  cancel: cancelBody,
  progress: progressBody,
  export: exportBody,
  links: linksBody,
  admin: adminBody,
  logs: logsBody,
  servers: serversBody,
  welcome: welcomeBody,
  connect: connectBody,
  prepare: prepareBody,
  passphrase: passphraseBody,
  palette: paletteBody,
  help: helpBody,
};

export function bodyOf(state: TuiState, layout: Layout, look: Look): Body {
  const top = topScreen(state);
  return (bodies[top.name] as DrawBody<ScreenName>)(state, top, layout, look);
}
