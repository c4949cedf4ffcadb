import { withTop } from '../../tui/model/next.ts';
import { commandOn } from '../../tui/model/same-as.ts';
import { type AdminScreen, adminChoices, show } from '../../tui/model/screens/admin.ts';
import { namingServer } from '../../tui/model/shown-server.ts';
import { topScreen } from '../../tui/model/state.ts';
import { whatItOpens } from '../../tui/view/admin.ts';
import { failureLines } from '../failure.ts';
import { asHeard, type Choice, press, type Say } from '../spoken.ts';
import { sentence } from '../words.ts';

/** Where the researcher logs in; the password is read out on request alone. */
export const sayAdmin: Say<'admin'> = (state, screen) => {
  const { study, found } = screen;
  const asking = `asking ${study.stack} for its admin page`;
  if (!found) return { told: [sentence(asking)], choices: [], asks: '', waitsFor: asking };
  const asks = 'Type a number, back, or quit.';
  if (found.kind === 'failed')
    return {
      told: failureLines(found.error),
      failed: found.error,
      choices: [{ label: 'Try again', run: press('r') }],
      asks,
    };
  const { url, user } = found.access;
  return {
    told: [
      `The admin page of ${study.stack}: ${url}`,
      `The user is ${user}. The password is read out when you ask for it.`,
      whatItOpens,
      `As a command: ${namingServer(commandOn(study, 'admin'), state)}`,
    ],
    choices: adminChoices(screen).flatMap((choice, cursor): readonly Choice[] =>
      choice === show
        ? []
        : [
            {
              label: asHeard(choice.label),
              run: (state) => press('Enter')(withTop(state, { ...(topScreen(state) as AdminScreen), cursor })),
            },
          ],
    ),
    asks,
  };
};
