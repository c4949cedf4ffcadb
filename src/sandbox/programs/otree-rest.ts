import type { Row } from '../database/table.ts';
import { configNamed, make, participantsOf, sessionInRoom } from './otree-admin.ts';
import { type Answer, json, text } from './otree-http.ts';
import { findByCode, HttpRefusal, type Route, type RouteCall, type Site } from './otree-route.ts';
import { configAsStored, configOf } from './otree-tables.ts';

/** oTree's REST API; whoever calls it has shown the key. */
export const restRoutes: readonly Route[] = [
  { path: '/api/otree_version', access: 'rest', get: ({ site }) => json({ version: site.study.version }) },
  {
    path: '/api/session_configs',
    access: 'rest',
    get: ({ site }) => json(site.study.sessionConfigs.map(configAsStored)),
  },
  { path: '/api/rooms', access: 'rest', get: listRooms },
  { path: '/api/apps', access: 'rest', get: listApps },
  { path: '/api/sessions', access: 'rest', get: listSessions, post: createSession },
  { path: '/api/sessions/{code}', access: 'rest', get: tellSession },
  { path: '/api/get_session/{code}', access: 'rest', post: tellSession },
  { path: '/api/session_vars/{code}', access: 'rest', post: (call) => setVars(call, 'session') },
  { path: '/api/participant_vars/{code}', access: 'rest', post: (call) => setVars(call, 'participant') },
];

function listRooms({ site, visit }: RouteCall): Answer {
  const rooms = site.study.rooms.map(({ name }) => ({
    session_code: sessionInRoom(site, name)?.code ?? null,
    name,
    url: `${visit.baseUrl}/room/${name}`,
  }));
  return json(rooms);
}

function listApps({ site }: RouteCall): Answer {
  return json(Object.fromEntries(site.study.apps.map(({ name }) => [name, ''])));
}

function listSessions({ site, visit }: RouteCall): Answer {
  const sessions = site
    .database()
    .table('otree_session')
    .rows.filter(({ is_demo }) => !is_demo);
  return json(
    sessions.map((session) => ({
      code: session.code,
      num_participants: session.num_participants,
      created_at: session._created,
      label: session.label,
      config_name: configOf(session).name,
      ...linksOf(site, session, visit.baseUrl),
    })),
  );
}

function createSession({ site, visit }: RouteCall): Answer {
  const { session_config_name, num_participants, room_name, label, is_demo, ...others } = payloadOf(visit.body);
  const [unknown] = Object.keys(others).filter((name) => name !== 'modified_session_config_fields');
  if (unknown !== undefined) return text(`create_session() got an unexpected keyword argument '${unknown}'`, 403);
  if (typeof num_participants !== 'number' || !Number.isInteger(num_participants) || num_participants < 1)
    return text('num_participants must be a whole number above 0', 400);
  const config = site.study.sessionConfigs.find(({ name }) => name === session_config_name);
  if (!config) return text(`Session config "${session_config_name}" not found in settings.SESSION_CONFIGS.`, 400);
  if (room_name !== undefined && !site.study.rooms.some(({ name }) => name === room_name))
    return text(`Room "${room_name}" not found`, 400);
  const session = make(site, {
    config: configNamed(site, config.name),
    participants: num_participants,
    isDemo: is_demo === true,
    ...(typeof room_name === 'string' && { roomName: room_name }),
    ...(typeof label === 'string' && { label }),
  });
  return json({ code: session.code, ...linksOf(site, session, visit.baseUrl) });
}

function tellSession({ site, visit, parts }: RouteCall): Answer {
  const session = findByCode(site, 'session', parts.code);
  const { participant_labels } = payloadOf(visit.body);
  const asked = participantsOf(site, session).filter(
    ({ label }) => !Array.isArray(participant_labels) || participant_labels.includes(label),
  );
  const participants = asked.map(({ id_in_session, code, label, payoff, status }) => ({
    ...{ id_in_session, code, label, payoff_in_real_world_currency: payoff, status },
  }));
  return json({ config: configOf(session), REAL_WORLD_CURRENCY_CODE: 'EUR', participants });
}

function setVars({ site, visit, parts }: RouteCall, kind: 'session' | 'participant'): Answer {
  const row = findByCode(site, kind, parts.code);
  const { vars } = payloadOf(visit.body);
  row.vars = JSON.stringify({ ...JSON.parse(String(row.vars ?? '{}')), ...(typeof vars === 'object' && vars) });
  return json({});
}

function linksOf(site: Site, session: Row, baseUrl: string) {
  const room = site
    .database()
    .table('otree_roomtosession')
    .rows.find(({ session_id }) => session_id === session.id);
  return {
    session_wide_url: `${baseUrl}/join/${session._anonymous_code}`,
    admin_url: `${baseUrl}/SessionStartLinks/${session.code}`,
    ...(room && { room_url: `${baseUrl}/room/${room.room_name}` }),
  };
}

function payloadOf(body: string): Record<string, unknown> {
  if (body === '') return {};
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    throw new HttpRefusal(500, 'Internal Server Error');
  }
  return typeof payload === 'object' && payload !== null ? { ...payload } : {};
}
