import type { ParticipantLink } from '../../../core/index.ts';
import { commandOn } from '../model/same-as.ts';
import { type LinksScreen, listedLinks, triedWords } from '../model/screens/links.ts';
import { namingServer } from '../model/shown-server.ts';
import type { TuiState } from '../model/state.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { type Cell, emptyLine, fitHeight, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';

const links: ListLook<ParticipantLink, LinksScreen> = {
  listed: listedLinks,
  columns: [
    { heading: 'For', width: 7, cell: ({ kind }) => capital(kind) },
    { heading: 'Name', width: 18, from: 66, cell: ({ name }) => name },
    { heading: 'Tried', width: 11, from: 92, cell: ({ tried }, _, look) => triedCell(tried, look) },
    { heading: 'Link', width: 'rest', keepsEnd: true, cell: ({ url }) => ({ text: url, color: 'cyan' }) },
  ],
  empty,
};

export const linksBody: DrawBody<'links'> = (state, screen, layout, look): Body => {
  const into = glyph('into', look);
  const { body, summary, shown } = drawList(links, state, screen, { layout, look });
  const sameAs = sameAsLines(namingServer(commandOn(screen.study, 'links'), state), layout, { isCopied: false });
  const below = shown.under ? whole(shown.under, layout.columns - 4).slice(layout.kind === 'tiny' ? 1 : 0) : [];
  return {
    title: line({ text: ' oForest', bold: true }, ` ${into} ${screen.study.stack} ${into} Participant links`),
    body: shown.total === 0 ? body : [...fitHeight(body, shown.height + 1), ...below],
    ...(summary ? { summary } : sameAs),
  };
};

function capital(kind: ParticipantLink['kind']): string {
  return kind === 'room' ? 'Room' : 'Session';
}

const marks: Readonly<Record<ParticipantLink['tried'], Glyph>> = {
  answers: 'ok',
  'does not answer': 'failed',
  'not tried': 'waiting',
};

function triedCell(tried: ParticipantLink['tried'], look: Look): Cell {
  const text = `${glyph(marks[tried], look)} ${triedWords[tried]}`;
  if (tried === 'not tried') return { text, dim: true };
  return { text, color: tried === 'answers' ? 'green' : 'red' };
}

/** For those whose terminal cannot copy: it can be selected. */
function whole({ kind, url }: ParticipantLink, width: number): readonly Line[] {
  const seat = kind === 'session' ? [line('  Opening it takes a seat in the session.')] : [];
  return [emptyLine, ...wrap(url, width).map((text) => line('  ', { text, color: 'cyan' })), ...seat];
}

function empty(state: TuiState, { study, found }: LinksScreen, look: Look): readonly Line[] {
  if (!found) return [emptyLine, line(`  Asking ${study.stack} for its rooms and sessions…`)];
  if (found.kind === 'failed') return [emptyLine, ...errorLines(found.error, roomBelow(state), look)];
  return [
    emptyLine,
    line({ text: '  No room and no session yet, so there is no link.', bold: true }),
    emptyLine,
    line({ text: '  m', bold: true }, '  Admin page: log in there and choose "Create new session"'),
    line({ text: '  r', bold: true }, '  Look again, once there is one'),
  ];
}
