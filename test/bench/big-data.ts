import { containerOf, type Lab } from '../e2e/support/lab.ts';

export const bigSize = { participants: 1000, rounds: 100 } as const;

/** A database of a study, reached in its container. */
export interface StudyDatabase {
  readonly service: string;
  readonly user: string;
  readonly name: string;
}

/** One session that everybody has finished a day ago: 1,000 participants, 100 rounds, 100,000 rows of players. */
export async function fillDatabase(lab: Lab, database: StudyDatabase): Promise<void> {
  const { participants, rounds } = bigSize;
  const sql = `
TRUNCATE otree_session, otree_participant, guess_subsession, guess_group, guess_player CASCADE;
INSERT INTO otree_session (id, code, _anonymous_code, is_demo, num_participants, _created)
  VALUES (1, 'bigbench', 'bigbenchanon', false, ${participants}, extract(epoch FROM now())::int - 90000);
INSERT INTO otree_participant (id, session_id, _session_code, id_in_session, code, status, payoff, visited, _is_bot,
    _index_in_pages, _max_page_index, _last_page_timestamp, _last_request_timestamp, is_on_wait_page)
  SELECT p, 1, 'bigbench', p, substr(md5(p::text), 1, 8), '', '0', true, false, 201, 200,
    extract(epoch FROM now())::int - 86400, extract(epoch FROM now())::int - 86400, false
  FROM generate_series(1, ${participants}) p;
INSERT INTO guess_subsession (id, round_number, session_id) SELECT r, r, 1 FROM generate_series(1, ${rounds}) r;
INSERT INTO guess_group (id, id_in_subsession, round_number, average, subsession_id, session_id)
  SELECT r * 1000 + g, g, r, random() * 100, r, 1
  FROM generate_series(1, ${rounds}) r, generate_series(1, ${Math.ceil(participants / 3)}) g;
INSERT INTO guess_player (id_in_group, _payoff, round_number, _role, number, is_winner, subsession_id, group_id, participant_id, session_id)
  SELECT 1 + p % 3, '0', r, '', (random() * 100)::int, false, r, r * 1000 + 1 + (p - 1) / 3, p, 1
  FROM generate_series(1, ${rounds}) r, generate_series(1, ${participants}) p;
ANALYZE;`;
  const container = await containerOf(lab, database.service);
  await lab.docker([
    'exec',
    container,
    'psql',
    '-Xq',
    '-v',
    'ON_ERROR_STOP=1',
    '-U',
    database.user,
    '-d',
    database.name,
    '-c',
    sql,
  ]);
}
