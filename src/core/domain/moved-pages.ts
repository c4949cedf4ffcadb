import type { MovedPages, PageCount, PagesFacts, Place, ProgressFacts, SessionProgress } from './fit.ts';

/**
 * Who of the unfinished participants would meet other pages, per session config.
 *
 * What each session was made with stands in the database (app sequence, rounds, total, and by name the page each person is
 * on) and holds while web is down, and for sessions that an earlier release began. The running code adds the order of the
 * pages in between. It is believed only for sessions whose total it explains; without it a page that moved across the one
 * a person is on, in exchange for another, would go unseen.
 */
export function movedPages(
  { next, live }: { next: PagesFacts; live?: PagesFacts | undefined },
  { sessions }: ProgressFacts,
): readonly MovedPages[] {
  const found = new Map<string, Tally>();
  for (const session of sessions) {
    const stored = next.sessions[session.id] ?? { config: '', apps: [] };
    const tally = found.get(stored.config) ?? emptyTally();
    found.set(stored.config, tally);
    const order = runnable(session, stored.apps, next) ? orderOf(stored.apps, next, undefined) : undefined;
    const before = live && orderOf(stored.apps, live, session.rounds);
    const known = before?.length === session.total ? before : undefined;
    if (order && known && isSame(order, known)) continue;
    for (const place of session.places) add(tally, place, fateOf(place, session.total, order, known));
  }
  return [...found].flatMap(([config, tally]) => (tally.people + tally.seats > 0 ? [finding(config, tally)] : []));
}

interface Page {
  /** The same page of the same round, also after it moved. */
  readonly key: string;
  readonly app: string;
  readonly page: string;
  readonly round: number;
  readonly label: string;
}

/** More than any study has; the numbers come from an image, which must not keep us busy for ever. */
const mostPages = 20_000;

/** As otree/lookup.py counts. Undefined when an app is not there: then oTree finds no page of the session at all. */
function orderOf(
  apps: readonly string[],
  facts: PagesFacts,
  rounds: Readonly<Record<string, number>> | undefined,
): readonly Page[] | undefined {
  const order: Page[] = [];
  const times = new Map<string, number>();
  for (const app of apps) {
    const shown = facts.apps[app];
    if (!shown) return undefined;
    const count = rounds?.[app] ?? shown.rounds;
    if (shown.pages.length === 0) continue;
    for (let round = 1; round <= count; round++)
      for (const page of shown.pages) {
        if (order.length >= mostPages) return undefined;
        const name = `${app}/${round}/${page}`;
        const time = (times.get(name) ?? 0) + 1;
        times.set(name, time);
        const label = [page, ...(apps.length > 1 ? [`of ${app}`] : []), ...(count > 1 ? [`in round ${round}`] : [])];
        order.push({ key: `${name}/${time}`, app, page, round, label: label.join(' ') });
      }
  }
  return order;
}

function isSame(a: readonly Page[], b: readonly Page[]): boolean {
  return a.length === b.length && a.every(({ key }, index) => key === b[index]?.key);
}

/** A round that the session was not made with has no row, and oTree then fails on every page of the session. */
function runnable({ rounds }: SessionProgress, apps: readonly string[], next: PagesFacts): boolean {
  return apps.length > 0 && apps.every((app) => (next.apps[app]?.rounds ?? 0) <= (rounds[app] ?? 0));
}

interface Fate {
  readonly skips: readonly Page[];
  readonly repeats: readonly Page[];
  readonly lands: Page | undefined;
  readonly isStuck: boolean;
}

/** What happens to somebody at this place of a session that ends after `total` pages. */
function fateOf(
  place: Place,
  total: number,
  order: readonly Page[] | undefined,
  before: readonly Page[] | undefined,
): Fate {
  if (!order) return { skips: [], repeats: [], lands: undefined, isStuck: true };
  const here = Math.max(place.index, 1) - 1;
  const { seen, open, ahead } = before
    ? { seen: before.slice(0, here), open: before[here], ahead: before.slice(here) }
    : guessed(place, here, order);
  const comes = order.slice(here, total);
  const keysOf = (pages: readonly Page[]) => new Set(pages.map(({ key }) => key));
  const [willCome, wasSeen, wasAhead, cutOff] = [comes, seen, ahead, order.slice(total)].map(keysOf);
  const begun = place.index > 0;
  const repeats = comes.filter(({ key }) => wasSeen?.has(key));
  const first = comes[0];
  return {
    skips: order.filter(({ key }) => cutOff?.has(key) || (wasAhead?.has(key) && !willCome?.has(key))),
    repeats,
    lands: begun && first && open !== undefined && first.key !== open?.key && first !== repeats[0] ? first : undefined,
    isStuck: order.length < total,
  };
}

/** Without the order of the running code: what lies around the open page in the new one. */
function guessed(place: Place, here: number, order: readonly Page[]) {
  if (place.index === 0) return { seen: [], open: undefined, ahead: [] };
  if (place.page === undefined) return { seen: order.slice(0, here), open: undefined, ahead: order.slice(here) };
  const isOpen = ({ app, page, round }: Page) =>
    page === place.page && app === (place.app ?? app) && round === (place.round ?? round);
  const stays = order[here];
  const at = stays && isOpen(stays) ? here : order.findIndex(isOpen);
  if (at < 0) return { seen: order.slice(0, here), open: null, ahead: [] };
  // They have passed as many pages as they have; where more are now before the open one, those behind are the new ones.
  return { seen: order.slice(0, Math.min(at, here)), open: order[at], ahead: order.slice(at) };
}

interface Tally {
  people: number;
  seats: number;
  stuck: number;
  readonly skips: Map<string, number>;
  readonly repeats: Map<string, number>;
  readonly lands: Map<string, number>;
}

const emptyTally = (): Tally => ({
  ...{ people: 0, seats: 0, stuck: 0 },
  ...{ skips: new Map(), repeats: new Map(), lands: new Map() },
});

function add(tally: Tally, { index, people }: Place, { skips, repeats, lands, isStuck }: Fate): void {
  if (!isStuck && skips.length === 0 && repeats.length === 0 && !lands) return;
  if (index === 0) tally.seats += people;
  else tally.people += people;
  if (isStuck) tally.stuck += people;
  const count = (counts: Map<string, number>, pages: readonly Page[]) => {
    for (const { label } of pages) counts.set(label, (counts.get(label) ?? 0) + people);
  };
  count(tally.skips, skips);
  count(tally.repeats, repeats);
  count(tally.lands, lands ? [lands] : []);
}

function finding(config: string, { people, seats, stuck, skips, repeats, lands }: Tally): MovedPages {
  const counted = (counts: ReadonlyMap<string, number>): readonly PageCount[] =>
    [...counts].map(([page, affected]) => ({ page, people: affected }));
  return {
    ...{ kind: 'moves-pages', config, people, seats, stuck },
    ...{ skips: counted(skips), repeats: counted(repeats), lands: counted(lands) },
  };
}
