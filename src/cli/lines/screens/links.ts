import type { ParticipantLink } from '../../../core/index.ts';
import { commandOn } from '../../tui/model/same-as.ts';
import { openAdmin } from '../../tui/model/screens/admin.ts';
import { browse } from '../../tui/model/screens/links.ts';
import { namingServer } from '../../tui/model/shown-server.ts';
import { failureLines } from '../failure.ts';
import { type Choice, press, type Say } from '../spoken.ts';
import { sentence } from '../words.ts';

/** Every link in full: what is heard can be written down, or found in the terminal. */
export const sayLinks: Say<'links'> = (state, { study, found, isLooking }) => {
  const asking = `asking ${study.stack} for its rooms and sessions`;
  if (!found || isLooking) return { told: found ? [] : [sentence(asking)], choices: [], asks: '', waitsFor: asking };
  const again: Choice = { label: 'Look again', run: press('r') };
  const admin: Choice = { label: 'Admin page', run: (state) => openAdmin(state, study) };
  const asks = 'Type a number, back, or quit.';
  if (found.kind === 'failed') return { told: failureLines(found.error), failed: found.error, choices: [again], asks };
  const { links } = found;
  if (links.length === 0)
    return {
      told: [
        `${study.stack} has no room and no session yet, so there is no link.`,
        'Log in on the admin page, and choose Create new session.',
      ],
      choices: [admin, again],
      asks,
    };
  return {
    told: [
      `What participants of ${study.stack} get:`,
      ...links.map((link) => `The ${nameOf(link)}${triedAs[link.tried]}: ${link.url}`),
      `As a command: ${namingServer(commandOn(study, 'links'), state)}`,
    ],
    choices: [
      ...links.map(
        (link): Choice => ({
          label: `Open the ${nameOf(link)} in the browser${link.kind === 'session' ? '; it takes a seat there' : ''}`,
          run: (state) => browse(state, link),
        }),
      ),
      admin,
      again,
    ],
    asks,
  };
};

function nameOf({ kind, name }: ParticipantLink): string {
  return `${kind} ${name}`;
}

const triedAs: Readonly<Record<ParticipantLink['tried'], string>> = {
  answers: ', which answers',
  'does not answer': ', which does not answer',
  'not tried': '',
};
