import type { Row } from '../database/table.ts';
import { HttpRefusal, type Site } from './otree-route.ts';
import { type PlacedPage, pagesOf } from './otree-study.ts';
import { configOf } from './otree-tables.ts';

/** All pages of the participant's session, as the running code has them. An app that the code lacks is a 404. */
export function pagesFor(site: Site, participant: Row): readonly PlacedPage[] {
  const sessions = site.database().table('otree_session').rows;
  const session = sessions.find(({ id }) => id === participant.session_id);
  const apps = session ? configOf(session).app_sequence : [];
  const missing = apps.find((name) => !site.study.apps.some((app) => app.name === name));
  if (missing !== undefined) throw new HttpRefusal(404, 'Not Found');
  return pagesOf(site.study, apps);
}

/** The page to be on now; undefined after the last one. How many there are was settled when the session was made. */
export function currentPage(site: Site, participant: Row): PlacedPage | undefined {
  const index = Number(participant._index_in_pages);
  if (index > Number(participant._max_page_index)) return undefined;
  return pagesFor(site, participant).find((page) => page.index === index);
}

export function addressOf(participant: Row, page: PlacedPage | undefined): string {
  const { code } = participant;
  if (Number(participant._index_in_pages) === 0) return `/InitializeParticipant/${code}`;
  return page ? `/p/${code}/${page.app.name}/${page.page.name}/${page.index}` : `/OutOfRangeNotification/${code}`;
}

/** The first visit: from now on it counts as a participant who began. */
export function begin(site: Site, participant: Row, label: string | null): void {
  if (Number(participant._index_in_pages) > 0) return;
  const now = site.now();
  Object.assign(participant, {
    _index_in_pages: 1,
    visited: true,
    label: participant.label || label,
    time_started_utc: new Date(now * 1000).toISOString().replace('T', ' ').replace('Z', '000'),
    _last_page_timestamp: now,
  });
  site.pageTimes.push(timeSpent(participant, undefined, now, false));
}

/** A page was asked for: that is the activity which oTree notes. */
export function noteVisit(site: Site, participant: Row, placed: PlacedPage | undefined): void {
  participant._last_request_timestamp = site.now();
  if (!placed) return;
  const { app, page, round, index } = placed;
  Object.assign(participant, {
    _current_page_name: page.name,
    _current_app_name: app.name,
    _round_number: round,
    _current_form_page_url: addressOf(participant, placed),
    is_on_wait_page: page.waits === true,
  });
  if (page.timeoutSeconds === undefined || participant._timeout_page_index === index) return;
  const dueAt = site.now() + page.timeoutSeconds;
  Object.assign(participant, { _timeout_page_index: index, _timeout_expiration_time: dueAt });
  const kwargs_json = JSON.stringify({ participant_code: participant.code, page_index: index });
  // oTree gives the page a moment to submit itself.
  site
    .database()
    .table('otree_taskqueuemessage')
    .insert({
      method: 'submit_expired_url',
      kwargs_json,
      epoch_time: dueAt + 8,
    });
  site.timeLimitSet();
}

/** Whether the others of the session have come so far. */
export function allHaveCome(site: Site, { session_id }: Row, { index }: PlacedPage): boolean {
  const { rows } = site.database().table('otree_participant');
  return rows.every((one) => one.session_id !== session_id || Number(one._index_in_pages) >= index);
}

/** On to the next page. */
export function advance(site: Site, participant: Row, placed: PlacedPage, timeoutHappened: boolean): void {
  const now = site.now();
  site.pageTimes.push(timeSpent(participant, placed, now, timeoutHappened));
  participant._index_in_pages = placed.index + 1;
  participant._last_page_timestamp = now;
  site
    .database()
    .table('otree_taskqueuemessage')
    .delete(({ kwargs_json }) => {
      const { participant_code, page_index } = JSON.parse(String(kwargs_json));
      return participant_code === participant.code && page_index === placed.index;
    });
}

export const timeSpentColumns =
  'session_code,participant_id_in_session,participant_code,page_index,app_name,page_name,epoch_time_completed,round_number,timeout_happened,is_wait_page';

function timeSpent(participant: Row, placed: PlacedPage | undefined, now: number, timeoutHappened: boolean): string {
  const { _session_code, id_in_session, code } = participant;
  const where = placed
    ? [placed.index, placed.app.name, placed.page.name, now, placed.round]
    : [0, '', 'InitializeParticipant', now, 1];
  return [_session_code, id_in_session, code, ...where, timeoutHappened ? 1 : 0, 0].join(',');
}

/** The participant that a visitor becomes: the one of the label or the cookie, or the next that is free. */
export function assign(
  site: Site,
  session: Row,
  { label, cookie }: { label: string | null; cookie: Record<string, string> | undefined },
): Row {
  const own = site
    .database()
    .table('otree_participant')
    .rows.filter(({ session_id }) => session_id === session.id);
  const remembered = `session_${session.code}_participant`;
  const known = label
    ? own.find((one) => one.label === label)
    : own.find(({ code }) => cookie && code === cookie[remembered]);
  const participant = known ?? own.find(({ visited }) => visited === false);
  if (!participant) throw new HttpRefusal(404, 'Session is full.');
  participant.visited = true;
  if (label) participant.label ||= label;
  else if (cookie) cookie[remembered] = String(participant.code);
  return participant;
}
