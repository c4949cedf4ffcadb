import type { Binding, ScreenRules } from './bindings.ts';
import { helpLines } from './help-lines.ts';
import { activityRules } from './screens/activity.ts';
import { adminRules } from './screens/admin.ts';
import { backupsRules } from './screens/backups.ts';
import { cancelRules } from './screens/cancel.ts';
import { checkRules } from './screens/check.ts';
import { connectRules } from './screens/connect.ts';
import { experimentsRules } from './screens/experiments.ts';
import { exportRules } from './screens/export.ts';
import { helpRules } from './screens/help.ts';
import { historyRules } from './screens/history.ts';
import { imageRules } from './screens/image.ts';
import { linksRules } from './screens/links.ts';
import { logsRules } from './screens/logs.ts';
import { newStudyRules } from './screens/new-study.ts';
import { paletteRules } from './screens/palette.ts';
import { passphraseRules } from './screens/passphrase.ts';
import { prepareRules } from './screens/prepare.ts';
import { progressRules } from './screens/progress.ts';
import { reviewRules } from './screens/review.ts';
import { rollbackRules } from './screens/rollback.ts';
import { serversRules } from './screens/servers.ts';
import { studyRules } from './screens/study.ts';
import { waitRules } from './screens/wait.ts';
import { welcomeRules } from './screens/welcome.ts';
import type { Screen, ScreenName, ScreenOf } from './state.ts';

/** Every screen and its rules: what is not in this table cannot be opened. */
const rules: { readonly [Name in ScreenName]: ScreenRules<ScreenOf<Name>> } = {
  experiments: experimentsRules,
  activity: activityRules,
  backups: backupsRules,
  check: checkRules,
  history: historyRules,
  study: studyRules,
  image: imageRules,
  'new-study': newStudyRules,
  rollback: rollbackRules,
  review: reviewRules,
  wait: waitRules,
  cancel: cancelRules,
  progress: progressRules,
  export: exportRules,
  links: linksRules,
  admin: adminRules,
  logs: logsRules,
  servers: serversRules,
  welcome: welcomeRules,
  connect: connectRules,
  prepare: prepareRules,
  passphrase: passphraseRules,
  palette: paletteRules,
  help: helpRules((state, screen) => helpLines(state, screen).length),
};

export const screenNames = Object.keys(rules) as ScreenName[];

/** The rules of a screen, for a caller who does not know which one it is. */
export function rulesOf({ name }: Pick<Screen, 'name'>): ScreenRules {
  return rules[name] as ScreenRules;
}

export function bindingsOf(name: ScreenName): readonly Binding[] {
  return rules[name].bindings as readonly Binding[];
}

/** Whether letters go into a field of the screen, so that they are no keys. */
export function isTypedInto(screen: Screen): boolean {
  return rulesOf(screen).isTyping?.(screen) ?? false;
}
