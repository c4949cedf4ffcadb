import type { Row } from '../database/table.ts';
import { type Answer, html, redirect } from './otree-http.ts';
import { escapeHtml, link, renderPage, renderTable } from './otree-pages.ts';
import { findByCode, HttpRefusal, type Route, type RouteCall, type Site, tokenFor } from './otree-route.ts';
import { addSession, configOf } from './otree-tables.ts';

/** What the cookie of a login says. It is signed with the admin password: a new one logs everybody out. */
export const loggedIn = 'in';
const adminUser = 'admin';

/** What the researcher sees, with a login. */
export const adminRoutes: readonly Route[] = [
  { path: '/login', access: 'public', get: (call) => loginPage(call), post: logIn },
  { path: '/logout', access: 'public', get: logOut },
  { path: '/demo', access: 'demo', get: showDemo },
  { path: '/demo/{config}', access: 'demo', get: askDemo, post: createDemo },
  { path: '/sessions', access: 'login', get: showSessions },
  { path: '/create_session', access: 'login', get: (call) => sessionForm(call), post: createSession },
  { path: '/SessionStartLinks/{code}', access: 'demo', get: showStartLinks },
  { path: '/SessionMonitor/{code}', access: 'demo', get: showMonitor },
  { path: '/SessionData/{code}', access: 'demo', get: showData },
  { path: '/rooms', access: 'login', get: showRooms },
  { path: '/server_check', access: 'login', get: showServerCheck },
];

function loginPage(call: RouteCall, problem = ''): Answer {
  const token = `<input type="hidden" name="csrftoken" value="${tokenFor(call)}">`;
  const body = `${problem}<form method="post">${token}
<label for="id_username">Username</label><input name="username" id="id_username" autocomplete="username" autofocus required>
<label for="id_password">Password</label><input type="password" name="password" id="id_password" autocomplete="current-password" required>
<br><button id="btn-login">Log in</button></form>`;
  return html(adminPage(call, 'Admin login', body, { menu: false }));
}

function logIn(call: RouteCall): Answer {
  const { site, visit } = call;
  const form = new URLSearchParams(visit.body);
  const isRight = form.get('username') === adminUser && form.get('password') === site.adminPassword;
  if (!isRight || site.adminPassword === '') return loginPage(call, '<p class="bad">Login failed</p>');
  visit.cookie.otree_auth = loggedIn;
  return redirect('/demo');
}

function logOut({ visit }: RouteCall): Answer {
  visit.cookie.otree_auth = '';
  return redirect('/login');
}

function showDemo(call: RouteCall): Answer {
  const rows = call.site.study.sessionConfigs.map(({ name, displayName, apps, demoParticipants }) => [
    link(`/demo/${name}`, displayName),
    escapeHtml(apps.join(', ')),
    String(demoParticipants),
  ]);
  return html(adminPage(call, 'Demo', renderTable(['Session config', 'Apps', 'Participants'], rows, 'No configs.')));
}

function askDemo(call: RouteCall): Answer {
  const config = configNamed(call.site, call.parts.config);
  const token = `<input type="hidden" name="csrftoken" value="${tokenFor(call)}">`;
  const body = `<p>A session to try it yourself, with ${config.demoParticipants} participants.</p>
<form method="post">${token}<button>Create the demo session</button></form>`;
  return html(adminPage(call, config.displayName, body));
}

function createDemo({ site, parts }: RouteCall): Answer {
  const config = configNamed(site, parts.config);
  const session = make(site, { config, participants: config.demoParticipants, isDemo: true });
  return redirect(`/SessionStartLinks/${session.code}`);
}

function showSessions(call: RouteCall): Answer {
  const { site } = call;
  const sessions = site.database().table('otree_session').rows;
  const rows = sessions.toReversed().map((session) => {
    const own = participantsOf(site, session);
    const begun = own.filter(({ visited }) => visited).length;
    return [
      link(`/SessionMonitor/${session.code}`, String(session.code)),
      escapeHtml(`${configOf(session).display_name}${session.is_demo ? ' (demo)' : ''}`),
      `${begun} of ${own.length}`,
      new Date(Number(session._created) * 1000).toISOString().slice(0, 16).replace('T', ' '),
      `${link(`/SessionStartLinks/${session.code}`, 'Links')} ${link(`/SessionData/${session.code}`, 'Data')}`,
    ];
  });
  const heads = ['Code', 'Config', 'Begun', 'Created (UTC)', ''];
  const body = `${renderTable(heads, rows, 'No sessions yet.')}\n<p>${link('/create_session', 'Create a session')}</p>`;
  return html(adminPage(call, 'Sessions', body));
}

function sessionForm(call: RouteCall, problem = ''): Answer {
  const { study } = call.site;
  const configs = study.sessionConfigs.map(
    ({ name, displayName }) => `<option value="${escapeHtml(name)}">${escapeHtml(displayName)}</option>`,
  );
  const rooms = study.rooms.map(
    ({ name, displayName }) => `<option value="${escapeHtml(name)}">${escapeHtml(displayName)}</option>`,
  );
  const body = `${problem}<form method="post"><input type="hidden" name="csrftoken" value="${tokenFor(call)}">
<label for="id_config">Session config</label><select name="session_config" id="id_config">${configs.join('')}</select>
<label for="id_num">Number of participants</label><input type="number" min="1" name="num_participants" id="id_num" required>
<label for="id_room">Room</label><select name="room_name" id="id_room"><option value="">none</option>${rooms.join('')}</select>
<br><button>Create</button></form>`;
  return html(adminPage(call, 'Create a session', body));
}

function createSession(call: RouteCall): Answer {
  const { site, visit } = call;
  const form = new URLSearchParams(visit.body);
  const participants = Number(form.get('num_participants'));
  if (!Number.isInteger(participants) || participants < 1)
    return sessionForm(call, '<p class="bad">Please enter a valid number of participants.</p>');
  const config = configNamed(site, form.get('session_config') ?? '');
  const roomName = form.get('room_name') || undefined;
  const session = make(site, { config, participants, ...(roomName && { roomName }) });
  return redirect(`/SessionStartLinks/${session.code}`);
}

function showStartLinks(call: RouteCall): Answer {
  const { site, visit, parts } = call;
  const session = findByCode(site, 'session', parts.code);
  const absolute = (path: string) => link(`${visit.baseUrl}${path}`, `${visit.baseUrl}${path}`);
  const single = participantsOf(site, session).map(({ code, id_in_session }) => [
    `P${id_in_session}`,
    absolute(`/InitializeParticipant/${code}`),
  ]);
  const body = `<p>One link for all: ${absolute(`/join/${session._anonymous_code}`)}</p>
${renderTable(['Participant', 'Own link'], single, 'No participants.')}
<p>${link(`/SessionMonitor/${session.code}`, 'Monitor')}</p>`;
  return html(adminPage(call, `Session ${session.code}: links`, body));
}

function showMonitor(call: RouteCall): Answer {
  const { site, parts } = call;
  const session = findByCode(site, 'session', parts.code);
  const rows = participantsOf(site, session).map((participant) => [
    `P${participant.id_in_session}`,
    String(participant.code),
    escapeHtml(String(participant.label ?? '')),
    `${participant._index_in_pages}/${participant._max_page_index}`,
    escapeHtml([participant._current_app_name, participant._current_page_name].filter(Boolean).join(' / ')),
  ]);
  const heads = ['', 'Code', 'Label', 'Progress', 'Page'];
  const body = renderTable(heads, rows, 'No participants.');
  return html(adminPage(call, `Session ${session.code}: monitor`, body, { refreshSeconds: 10 }));
}

function showData(call: RouteCall): Answer {
  const { site, parts } = call;
  const session = findByCode(site, 'session', parts.code);
  const tables = configOf(session).app_sequence.map((app) => {
    const { columns, rows } = site.database().table(`${app}_player`);
    const shown = [...columns.keys()].filter((column) => !/(^|_)id$|^role$/.test(column));
    const own = rows.filter(({ session_id }) => session_id === session.id);
    const cells = own.map((row) => shown.map((column) => escapeHtml(String(row[column] ?? ''))));
    return `<h2>${escapeHtml(app)}</h2>\n${renderTable(shown.map(escapeHtml), cells, 'No players.')}`;
  });
  return html(adminPage(call, `Session ${session.code}: data`, tables.join('\n')));
}

function showRooms(call: RouteCall): Answer {
  const { site, visit } = call;
  const rows = site.study.rooms.map(({ name, displayName }) => {
    const session = sessionInRoom(site, name);
    return [
      escapeHtml(displayName),
      link(`${visit.baseUrl}/room/${name}`, `${visit.baseUrl}/room/${name}`),
      session ? link(`/SessionMonitor/${session.code}`, String(session.code)) : 'none',
    ];
  });
  return html(adminPage(call, 'Rooms', renderTable(['Room', 'Link', 'Session'], rows, 'This study has no rooms.')));
}

function showServerCheck(call: RouteCall): Answer {
  const { site } = call;
  const rows = [
    ['oTree', escapeHtml(site.study.version)],
    ['Database', 'Postgres'],
    ['Debug mode', 'off'],
    ['Password protection', escapeHtml(site.authLevel || 'off')],
  ];
  return html(adminPage(call, 'Server check', renderTable(['', ''], rows, '')));
}

export function configNamed({ study }: Site, name: string | undefined) {
  const config = study.sessionConfigs.find((one) => one.name === name);
  if (!config) throw new HttpRefusal(404, `Session config "${name}" not found`);
  return config;
}

/** A session of the running code, in the database it is connected to. */
export function make(
  site: Site,
  settings: Pick<Parameters<typeof addSession>[1], 'config' | 'participants' | 'roomName' | 'label' | 'isDemo'>,
): Row {
  const { study, random } = site;
  return addSession(site.database(), { study, created: site.now(), random, ...settings });
}

export function sessionInRoom(site: Site, roomName: string): Row | undefined {
  const inRoom = site
    .database()
    .table('otree_roomtosession')
    .rows.find(({ room_name }) => room_name === roomName);
  return (
    inRoom &&
    site
      .database()
      .table('otree_session')
      .rows.find(({ id }) => id === inRoom.session_id)
  );
}

export function participantsOf(site: Site, session: Row): readonly Row[] {
  const participants = site.database().table('otree_participant').rows;
  return participants.filter(({ session_id }) => session_id === session.id);
}

function adminPage(
  { site: { study } }: RouteCall,
  title: string,
  body: string,
  more: { menu?: boolean; refreshSeconds?: number } = {},
): string {
  return renderPage({ title, body, study: study.title, note: study.note, menu: true, ...more });
}
