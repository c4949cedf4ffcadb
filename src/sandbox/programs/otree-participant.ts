import type { Row } from '../database/table.ts';
import { type Answer, html, redirect } from './otree-http.ts';
import { addressOf, advance, allHaveCome, assign, begin, currentPage, noteVisit, pagesFor } from './otree-journey.ts';
import { escapeHtml, renderPage } from './otree-pages.ts';
import { findByCode, HttpRefusal, type Route, type RouteCall } from './otree-route.ts';
import type { PlacedPage, Question } from './otree-study.ts';

/** What participants see. The code in the address is their only key. */
export const participantRoutes: readonly Route[] = [
  { path: '/join/{code}', access: 'public', get: join },
  { path: '/room/{room}', access: 'public', get: enterRoom },
  { path: '/InitializeParticipant/{code}', access: 'public', get: initialize },
  { path: '/p/{code}/{app}/{page}/{index}', access: 'public', get: atOwnPage(showPage), post: atOwnPage(submitPage) },
  { path: '/OutOfRangeNotification/{code}', access: 'public', get: showEnd },
];

function join({ site, visit, parts }: RouteCall): Answer {
  const sessions = site.database().table('otree_session').rows;
  const session = sessions.find(({ _anonymous_code }) => _anonymous_code === parts.code);
  if (!session) throw new HttpRefusal(404, 'Not found (maybe the session was deleted): Session');
  const cookie = session.is_demo ? undefined : visit.cookie;
  const participant = assign(site, session, { label: visit.query.get('participant_label'), cookie });
  return redirect(`/InitializeParticipant/${participant.code}`);
}

/** A room's own page comes first: looking at a room's link makes nobody a participant. */
function enterRoom(call: RouteCall): Answer {
  const { site, visit, parts } = call;
  const room = site.study.rooms.find(({ name }) => name === parts.room);
  if (!room) throw new HttpRefusal(404, 'Invalid room specified in url');
  if (!visit.query.get('welcome_page_ok')) {
    const kept = [...visit.query, ['welcome_page_ok', '1']]
      .map(([name = '', value = '']) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
      .join('');
    const body = `<p>You are in the room “${escapeHtml(room.displayName)}”.</p>
<form method="get">${kept}<button>Begin</button></form>`;
    return html(page(call, 'Welcome', body));
  }
  const { rows: inRooms } = site.database().table('otree_roomtosession');
  const inRoom = inRooms.find(({ room_name }) => room_name === room.name);
  const { rows: sessions } = site.database().table('otree_session');
  const session = inRoom && sessions.find(({ id }) => id === inRoom.session_id);
  if (!session) {
    const body = '<p>Waiting for your session to begin.</p>';
    return html(page(call, 'Please wait', body, { refreshSeconds: 5 }));
  }
  const participant = assign(site, session, { label: visit.query.get('participant_label'), cookie: visit.cookie });
  return redirect(`/InitializeParticipant/${participant.code}`);
}

function initialize({ site, visit, parts }: RouteCall): Answer {
  const participant = findByCode(site, 'participant', parts.code);
  begin(site, participant, visit.query.get('participant_label'));
  return redirect(addressOf(participant, currentPage(site, participant)), 307);
}

type PageHandler = (call: RouteCall, participant: Row, placed: PlacedPage) => Answer;

/** Serves participants the page that they are at: whoever asks for another is sent there, and to wait where it waits. */
function atOwnPage(serve: PageHandler): (call: RouteCall) => Answer {
  return (call) => {
    const { site, visit, parts } = call;
    const participant = findByCode(site, 'participant', parts.code);
    const placed = currentPage(site, participant);
    noteVisit(site, participant, placed);
    if (!placed || addressOf(participant, placed) !== visit.path) return redirect(addressOf(participant, placed));
    return placed.page.waits ? waitPage(call, participant, placed) : serve(call, participant, placed);
  };
}

function waitPage(call: RouteCall, participant: Row, placed: PlacedPage): Answer {
  if (allHaveCome(call.site, participant, placed)) return goOn(call, participant, placed);
  const answer = html(
    page(call, placed.page.title, '<p>Waiting for the other participants.</p>', { refreshSeconds: 5 }),
  );
  return { ...answer, headers: { ...answer.headers, 'otree-wait-page': '1' } };
}

function showPage(call: RouteCall, participant: Row, placed: PlacedPage): Answer {
  return html(questionPage(call, participant, placed));
}

function submitPage(call: RouteCall, participant: Row, placed: PlacedPage): Answer {
  const { question } = placed.page;
  const given = question && new URLSearchParams(call.visit.body).get(question.field)?.trim();
  if (question && given) {
    const problem = problemOf(question, given);
    if (problem !== undefined) {
      const answer = html(questionPage(call, participant, placed, problem));
      return { ...answer, headers: { ...answer.headers, 'otree-redisplay-with-errors': '1' } };
    }
    playerOf(call, participant, placed)[question.field] = question.max === undefined ? given : Number(given);
  }
  return goOn(call, participant, placed);
}

function goOn({ site }: RouteCall, participant: Row, placed: PlacedPage): Answer {
  advance(site, participant, placed, false);
  return redirect(addressOf(participant, currentPage(site, participant)));
}

function showEnd(call: RouteCall): Answer {
  noteVisit(call.site, findByCode(call.site, 'participant', call.parts.code), undefined);
  return html(page(call, 'Finished', '<p>You have reached the end of this study. You may close this page.</p>'));
}

function questionPage(call: RouteCall, participant: Row, placed: PlacedPage, problem?: string): string {
  const { title, text, question } = placed.page;
  const field = question ? inputFor(question, problem) : '';
  const body = `<p>${escapeHtml(text)}</p>\n<form method="post">${field}<button class="otree-btn-next">Next</button></form>`;
  const all = pagesFor(call.site, participant).length;
  return page(call, title, body, { progress: (placed.index - 1) / all });
}

function inputFor({ field, label, min, max }: Question, problem: string | undefined): string {
  const kind = max === undefined ? 'type="text"' : `type="number" min="${min ?? 0}" max="${max}"`;
  const said = problem === undefined ? '' : `<p class="bad">${escapeHtml(problem)}</p>`;
  return `<label for="id_${field}">${escapeHtml(label)}</label>
<input ${kind} name="${field}" id="id_${field}" autofocus>${said}<br>`;
}

function problemOf({ min = 0, max }: Question, given: string): string | undefined {
  if (max === undefined) return undefined;
  if (!/^-?\d+$/.test(given)) return 'Not a valid integer value.';
  const value = Number(given);
  return value < min || value > max ? `Value must be between ${min} and ${max}.` : undefined;
}

function playerOf({ site }: RouteCall, { id }: Row, { app, round }: PlacedPage): Row {
  const players = site.database().table(`${app.name}_player`).rows;
  const player = players.find(({ participant_id, round_number }) => participant_id === id && round_number === round);
  if (!player) throw new HttpRefusal(404, 'Not Found');
  return player;
}

function page(
  { site: { study } }: RouteCall,
  title: string,
  body: string,
  more: { progress?: number; refreshSeconds?: number } = {},
): string {
  return renderPage({ title, body, study: study.title, note: study.note, ...more });
}
