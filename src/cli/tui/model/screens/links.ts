import type { ErrorFacts, ParticipantLink } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { openAdmin } from './admin.ts';

/** What participants get: the links of rooms and sessions. The bare address leads to oTree's admin login. */
export interface LinksScreen extends Opened {
  readonly name: 'links';
  readonly study: Subject;
  readonly list: List;
  readonly isLooking: boolean;
  readonly found:
    | undefined
    | { readonly kind: 'read'; readonly links: readonly ParticipantLink[] }
    | { readonly kind: 'failed'; readonly error: ErrorFacts };
}

export function openLinks(state: TuiState, { experiment, environment, stack }: Subject): Next {
  const serial = nextSerial(state);
  const study = { experiment, environment, stack };
  const screen: LinksScreen = { name: 'links', serial, study, list: newList, isLooking: true, found: undefined };
  return push(state, screen, { kind: 'read-links', serial, stack });
}

const none: readonly ParticipantLink[] = [];

/** As the list calls it: opening the link of a session takes a seat in it, so nobody tried that one. */
export const triedWords: Readonly<Record<ParticipantLink['tried'], string>> = {
  answers: 'answers',
  'does not answer': 'no answer',
  'not tried': 'not tried',
};

export const listedLinks: Listed<ParticipantLink, LinksScreen> = {
  all: (_, { found }) => (found?.kind === 'read' ? found.links : none),
  idOf: ({ url }) => url,
  textOf: ({ kind, name, url, tried }) => `${kind} ${name} ${triedWords[tried]} ${url}`,
  orders: [{ by: 'For' }],
  // The whole link under the cursor.
  linesBelow: ({ kind }) => (kind === 'tiny' ? 2 : 4),
};

function under(state: TuiState, screen: LinksScreen): ParticipantLink | undefined {
  return shownOf(state, screen, listedLinks).under;
}

const hasLink = (state: TuiState, screen: LinksScreen) => under(state, screen) !== undefined;

export function browse(state: TuiState, { url }: Pick<ParticipantLink, 'url'>): Next {
  return stay(state, { kind: 'browse', url });
}

const bindings: readonly Binding<LinksScreen>[] = [
  {
    keys: ['Enter', 'c'],
    does: 'copy the link under the cursor, to send it to participants',
    hint: 'copy the link',
    when: hasLink,
    run: (state, screen) => {
      const link = under(state, screen);
      return link ? stay(state, { kind: 'copy', text: link.url, what: `The link of the ${link.kind}` }) : stay(state);
    },
  },
  {
    keys: ['o'],
    does: 'open the link in the browser; that of a session takes a seat in it',
    hint: 'open it',
    when: hasLink,
    run: (state, screen) => {
      const link = under(state, screen);
      return link ? browse(state, link) : stay(state);
    },
  },
  {
    keys: ['m'],
    does: 'see the admin page, where sessions are made',
    hint: 'admin page',
    run: (state, { study }) => openAdmin(state, study),
  },
  {
    keys: ['r'],
    does: 'look again now',
    hint: 'look again',
    run: (state, screen) =>
      stay(withTop(state, { ...screen, isLooking: true }), {
        kind: 'read-links',
        serial: screen.serial,
        stack: screen.study.stack,
      }),
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const linksRules: ScreenRules<LinksScreen> = listRules(listedLinks, bindings);
