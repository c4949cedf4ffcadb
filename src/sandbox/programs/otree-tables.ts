import type { Database } from '../database/database.ts';
import type { Columns, Row } from '../database/table.ts';
import { pagesOf, playerColumns, type SessionConfig, type Study } from './otree-study.ts';

/** The tables of oTree 6.0.15 that stand beside those of its apps. */
const coreTables: Readonly<Record<string, Columns>> = {
  otree_session: {
    vars: 'text',
    config: 'text',
    label: 'character varying',
    code: 'character varying',
    is_mturk: 'boolean',
    archived: 'boolean',
    comment: 'text',
    _anonymous_code: 'character varying',
    is_demo: 'boolean',
    num_participants: 'integer',
    _created: 'integer',
  },
  otree_participant: {
    vars: 'text',
    session_id: 'integer',
    label: 'character varying',
    id_in_session: 'integer',
    payoff: 'double precision',
    status: 'character varying',
    time_started_utc: 'character varying',
    mturk_assignment_id: 'character varying',
    mturk_worker_id: 'character varying',
    _index_in_pages: 'integer',
    code: 'character varying',
    _session_code: 'character varying',
    visited: 'boolean',
    _last_page_timestamp: 'integer',
    _last_request_timestamp: 'integer',
    is_on_wait_page: 'boolean',
    _current_page_name: 'character varying',
    _current_app_name: 'character varying',
    _round_number: 'integer',
    _current_form_page_url: 'character varying',
    _max_page_index: 'integer',
    _is_bot: 'boolean',
    is_browser_bot: 'boolean',
    _timeout_expiration_time: 'double precision',
    _timeout_page_index: 'integer',
    _waitpage_is_connected: 'boolean',
    _waitpage_tab_hidden: 'boolean',
    _gbat_page_index: 'integer',
    _gbat_grouped: 'boolean',
  },
  otree_pagetimebatch: { text: 'text' },
  otree_completedgroupwaitpage: { session_id: 'integer', page_index: 'integer', group_id: 'integer' },
  otree_completedgbatwaitpage: { session_id: 'integer', page_index: 'integer', id_in_subsession: 'integer' },
  otree_completedsubsessionwaitpage: { session_id: 'integer', page_index: 'integer' },
  otree_participantvarsfromrest: {
    participant_label: 'character varying',
    room_name: 'character varying',
    _json_data: 'text',
  },
  otree_roomtosession: { session_id: 'integer', room_name: 'character varying' },
  otree_chatmessage: {
    channel: 'character varying',
    participant_id: 'integer',
    nickname: 'character varying',
    body: 'text',
    timestamp: 'double precision',
  },
  otree_taskqueuemessage: { method: 'character varying', kwargs_json: 'text', epoch_time: 'integer' },
};

/** `metadata.create_all()`: makes what is missing, and never alters what is there. */
export function createMissingTables(database: Database, study: Study): void {
  for (const [name, columns] of Object.entries(coreTables)) database.createTable(name, columns);
  for (const app of study.apps) {
    if (!study.sessionConfigs.some(({ apps }) => apps.includes(app.name))) continue;
    const ofSession = { session_id: 'integer', round_number: 'integer' } as const;
    database.createTable(`${app.name}_subsession`, ofSession);
    database.createTable(`${app.name}_group`, { ...ofSession, id_in_subsession: 'integer', subsession_id: 'integer' });
    database.createTable(`${app.name}_player`, {
      ...ofSession,
      participant_id: 'integer',
      subsession_id: 'integer',
      group_id: 'integer',
      id_in_group: 'integer',
      payoff: 'double precision',
      role: 'character varying',
      ...playerColumns(app),
    });
  }
}

export interface NewSession {
  readonly study: Study;
  readonly config: SessionConfig;
  readonly participants: number;
  /** Unix seconds. */
  readonly created: number;
  /** Gives so many letters and digits. */
  readonly random: (length: number) => string;
  readonly roomName?: string;
  readonly label?: string;
  readonly isDemo?: boolean;
}

/** A session with its participants and players, as oTree makes it; its row. Throws where the tables do not fit. */
export function addSession(
  database: Database,
  { study, config, participants, created, random, roomName, label, isDemo = false }: NewSession,
): Row {
  const session = database.table('otree_session').insert({
    config: JSON.stringify(configAsStored(config)),
    label: label ?? '',
    code: random(8),
    is_mturk: false,
    archived: false,
    _anonymous_code: random(8),
    is_demo: isDemo,
    num_participants: participants,
    _created: created,
  });
  const session_id = session.id ?? 0;
  const maxIndex = pagesOf(study, config.apps).length;
  const rows = Array.from({ length: participants }, (_none, at) =>
    database.table('otree_participant').insert({
      session_id,
      id_in_session: at + 1,
      payoff: 0,
      status: '',
      _index_in_pages: 0,
      code: random(8),
      _session_code: session.code ?? '',
      visited: false,
      is_on_wait_page: false,
      _max_page_index: maxIndex,
      _is_bot: false,
      is_browser_bot: false,
      _waitpage_is_connected: false,
      _waitpage_tab_hidden: false,
    }),
  );
  for (const app of study.apps.filter(({ name }) => config.apps.includes(name)))
    for (let round_number = 1; round_number <= (app.rounds ?? 1); round_number += 1) {
      const subsession = database.table(`${app.name}_subsession`).insert({ session_id, round_number });
      const inSubsession = { session_id, round_number, subsession_id: subsession.id ?? 0 };
      const group = database.table(`${app.name}_group`).insert({ ...inSubsession, id_in_subsession: 1 });
      const unanswered = Object.fromEntries(Object.keys(playerColumns(app)).map((column) => [column, null]));
      for (const { id, id_in_session } of rows)
        database.table(`${app.name}_player`).insert({
          ...inSubsession,
          ...unanswered,
          participant_id: id ?? 0,
          group_id: group.id ?? 0,
          id_in_group: id_in_session ?? 0,
          payoff: 0,
        });
    }
  if (roomName !== undefined) {
    const rooms = database.table('otree_roomtosession');
    rooms.delete(({ room_name }) => room_name === roomName);
    rooms.insert({ session_id, room_name: roomName });
  }
  return session;
}

/** A session config as oTree keeps it with the session, and as its REST API shows it. */
export function configAsStored({ name, displayName, apps, demoParticipants }: SessionConfig) {
  return {
    name,
    display_name: displayName,
    app_sequence: apps,
    num_demo_participants: demoParticipants,
    participation_fee: 0,
    real_world_currency_per_point: 1,
    doc: '',
  };
}

/** What `configAsStored` made of the session's config. */
export function configOf(session: Row): ReturnType<typeof configAsStored> {
  return JSON.parse(String(session.config));
}
