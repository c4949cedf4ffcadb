import { commandOn } from '../model/same-as.ts';
import { type AdminScreen, adminChoices, isPasswordShown, show } from '../model/screens/admin.ts';
import { namingServer } from '../model/shown-server.ts';
import type { TuiState } from '../model/state.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { emptyLine, fact, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { choiceLines } from './typing.ts';

/** For whoever reads the password off the screen. */
export const whatItOpens =
  'With it, anybody can see and delete the data. Participants never need it: they get the participant links.';

export const adminBody: DrawBody<'admin'> = (state, screen, layout, look): Body => {
  const into = glyph('into', look);
  const choices = adminChoices(screen).map((choice) =>
    choice === show && isPasswordShown(state, screen) ? 'Hide the password' : choice.label,
  );
  const facts = factLines(state, screen, layout.columns, look);
  const question = choices.length > 0 ? [emptyLine, ...choiceLines(choices, screen.cursor, look)] : [];
  const warning =
    choices.length > 0 ? wrap(whatItOpens, Math.min(layout.columns, 78) - 4).map((text) => line(`  ${text}`)) : [];
  const hasRoom = facts.length + question.length + warning.length + 1 <= layout.bodyRows;
  return {
    title: line({ text: ' oForest', bold: true }, ` ${into} ${screen.study.stack} ${into} Admin page`),
    body: [...facts, ...question, ...(hasRoom ? [emptyLine, ...warning] : [])],
    ...sameAsLines(namingServer(commandOn(screen.study, 'admin'), state), layout, { isCopied: false }),
  };
};

const wide = 10;

function factLines(state: TuiState, screen: AdminScreen, columns: number, look: Look): readonly Line[] {
  const { study, found } = screen;
  if (!found) return [emptyLine, line(`  Asking ${study.stack} for its admin page…`)];
  if (found.kind === 'failed') return [emptyLine, ...errorLines(found.error, roomBelow(state), look)];
  const { url, user, password } = found.access;
  const secret = isPasswordShown(state, screen)
    ? { text: password.reveal(), bold: true as const }
    : `${glyph('hidden', look).repeat(8)}  hidden`;
  const [first = '', ...rest] = wrap(url, columns - wide - 4);
  const address = (text: string) => ({ text, color: 'cyan' }) as const;
  return [
    emptyLine,
    [{ text: '  ' }, ...fact('Address', address(first), wide)],
    ...rest.map((text) => [{ text: '  ' }, ...fact('', address(text), wide)]),
    [{ text: '  ' }, ...fact('User', user, wide)],
    [{ text: '  ' }, ...fact('Password', secret, wide)],
  ];
}
