import { exportDatabaseUrl, exportSecrets, otreePython } from '../../swarm/scripts.ts';

/**
 * What the fit check asks, by exec and without writing anything. In the database's container as role `study`: the
 * superuser never connects to a database that a study owns. Names of tables and columns are the study's and reach a
 * statement only through format(%I).
 */

const asStudy = `
set -eu
export PGOPTIONS='-c default_transaction_read_only=on -c search_path=pg_catalog -c statement_timeout=20000 -c lock_timeout=5000'
psql="psql -X -A -t -q -v ON_ERROR_STOP=1 -U study"
`.trim();

/** Tables and columns of one of the study's databases. */
export function schemaScript(database: string): readonly string[] {
  return inDatabase(
    'schema',
    `
$psql -d "$1" <<'SQL'
SELECT concat('oforest-result ', jsonb_build_object('tables', coalesce(jsonb_agg(jsonb_build_object(
         'name', c.relname,
         'kind', CASE WHEN c.relkind IN ('r', 'p') THEN 'table' ELSE 'other' END,
         'columns', (
           SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                    'name', a.attname,
                    'type', format_type(a.atttypid, a.atttypmod),
                    'notNull', nullif(a.attnotnull, false),
                    'hasDefault', nullif(a.atthasdef OR a.attidentity <> '', false),
                    'references', nullif(EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid
                                                    AND f.contype = 'f' AND a.attnum = ANY (f.conkey)), false)
                  )) ORDER BY a.attnum), '[]')
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
       ) ORDER BY c.relname), '[]')))
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace('public') AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
SQL`,
    [database],
  );
}

/**
 * Per session that is not done: its pages, its rounds per app, and how many people are on which page, of any age. No bots
 * and no demo sessions; oTree 6's \`participant.status\`, where set, says that somebody is done or gone. A last page has
 * often no Next button, so most of all who ever took part stay there: after an hour they are done.
 */
export function progressScript(database: string): readonly string[] {
  return inDatabase(
    'progress',
    `
$psql -d "$1" <<'SQL'
SELECT to_regclass('public.otree_participant') IS NOT NULL AND to_regclass('public.otree_session') IS NOT NULL AS known,
       (SELECT coalesce(string_agg(format('SELECT %L AS app, session_id, max(round_number) AS rounds FROM public.%I GROUP BY 2',
                                          left(c.relname, -11), c.relname), ' UNION ALL '),
                        'SELECT NULL AS app, NULL::int AS session_id, NULL::int AS rounds WHERE false')
          FROM pg_class c
         WHERE c.relnamespace = to_regnamespace('public') AND c.relkind = 'r' AND c.relname LIKE '%\\_subsession'
           AND 2 = (SELECT count(*) FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attname IN ('session_id', 'round_number'))) AS rounds \\gset
\\if :known
WITH unfinished AS (
  SELECT p.session_id, p._max_page_index AS total, p._index_in_pages AS index,
         nullif(p._current_app_name, '') AS app, nullif(p._current_page_name, '') AS page, p._round_number AS round
    FROM public.otree_participant p JOIN public.otree_session s ON s.id = p.session_id
   WHERE p._index_in_pages <= p._max_page_index
     AND NOT coalesce(s.is_demo, false) AND NOT coalesce(p._is_bot, false) AND NOT coalesce(p.is_browser_bot, false)
     AND NOT (p._index_in_pages = p._max_page_index
              AND coalesce(p._last_request_timestamp, 0) < extract(epoch FROM now()) - 3600)
     AND coalesce(to_jsonb(p) ->> 'status', '') = ''
), places AS (
  SELECT session_id, max(total) AS total, index, app, page, round, count(*) AS people
    FROM unfinished GROUP BY session_id, index, app, page, round
), rounds AS (
  SELECT session_id, jsonb_object_agg(app, rounds) AS by_app FROM (:rounds) r GROUP BY session_id
), sessions AS (
  SELECT session_id, max(total) AS total,
         jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'index', index, 'app', app, 'page', page, 'round', round, 'people', people)) ORDER BY index, page) AS places
    FROM places GROUP BY session_id
)
SELECT concat('oforest-result ', jsonb_build_object('sessions', coalesce(jsonb_agg(jsonb_build_object(
         'id', s.session_id, 'total', s.total, 'places', s.places, 'rounds', coalesce(r.by_app, '{}'))
         ORDER BY s.session_id), '[]')))
  FROM sessions s LEFT JOIN rounds r USING (session_id);
\\else
\\echo oforest-result {"sessions":[]}
\\endif
SQL`,
    [database],
  );
}

/** How many rows the tables have, and how many with something in the columns. An empty text is nothing. */
export function rowsScript(
  database: string,
  wanted: readonly { table: string; columns: readonly string[] }[],
): readonly string[] {
  return inDatabase(
    'rows',
    `
$psql -v wanted="$2" -d "$1" <<'SQL'
SELECT coalesce(string_agg(format('SELECT %L AS name, count(*) AS rows, ARRAY[%s]::text[] AS columns, ARRAY[%s]::bigint[] AS filled FROM public.%I',
         w ->> 'table',
         (SELECT string_agg(format('%L', c), ', ') FROM jsonb_array_elements_text(w -> 'columns') c),
         (SELECT string_agg(format('count(nullif(%I::text, ''''))', c), ', ') FROM jsonb_array_elements_text(w -> 'columns') c),
         w ->> 'table'), ' UNION ALL '),
       'SELECT NULL AS name, NULL::bigint AS rows, NULL::text[] AS columns, NULL::bigint[] AS filled WHERE false') AS counts
  FROM jsonb_array_elements(:'wanted'::jsonb) w \\gset
SELECT concat('oforest-result ', coalesce(jsonb_object_agg(name, jsonb_build_object('rows', rows, 'filled',
         (SELECT coalesce(jsonb_object_agg(u.name, u.number), '{}') FROM unnest(columns, filled) u(name, number)))), '{}'))
  FROM (:counts) counted;
SQL`,
    [database, JSON.stringify(wanted)],
  );
}

function inDatabase(name: string, sql: string, words: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', `# oforest-script: ${name}\n${asStudy}\n${sql.trim()}`, 'oforest', ...words];
}

/**
 * Prints the pages an image shows, by its own oTree on an empty database in memory. With a database named, it also reads
 * there what each session that is not done was made with: that is pickled, so only Python can. Both work in the trial,
 * whose role owns both databases; the study's own data meets the study's own code and nothing else.
 *
 * Asked in the running web as well (no database named), it must not harm it: when memory is short the kernel ends this
 * process first.
 */
export function pagesScript(database?: string): readonly string[] {
  return ['/bin/sh', '-c', pages, 'oforest', database ?? ''];
}

const pages = `
# oforest-script: pages
set -eu
(echo 1000 > /proc/$$/oom_score_adj) 2>/dev/null || true
${exportSecrets}
${exportDatabaseUrl}
if [ -f /oforest/project/settings.py ]; then cd /oforest/project; fi
${otreePython}
exec $python - "$1" <<'PYTHON'
import binascii, json, os, pickle, sys
database = sys.argv[1]
os.nice(10)
os.environ["OTREE_IN_MEMORY"] = os.environ["OTREE_EPHEMERAL"] = "1"
sys.argv = ["otree"]
sys.path.insert(0, os.getcwd())
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What a project prints while it is imported is no answer.

import otree
from otree.main import setup
setup()
from otree import settings
from otree.common import get_constants, get_pages_module

configs = {config["name"]: list(config["app_sequence"]) for config in settings.SESSION_CONFIGS}
apps = {
    app: dict(rounds=get_constants(app).get_normalized("num_rounds"),
              pages=[page.__name__ for page in get_pages_module(app).page_sequence])
    for app in settings.OTREE_APPS
}

def stored(text):
    try:
        config = pickle.loads(binascii.a2b_base64(text.encode()))
        return dict(config=str(config["name"]), apps=[str(app) for app in config["app_sequence"]])
    except Exception:
        return dict(config="", apps=[])

sessions = {}
if database:
    import psycopg2
    db = psycopg2.connect(os.environ["DATABASE_URL"], dbname=database,
                          options="-c default_transaction_read_only=on -c statement_timeout=20000 -c lock_timeout=5000")
    sql = db.cursor()
    sql.execute("SELECT to_regclass('public.otree_session') IS NOT NULL AND to_regclass('public.otree_participant') IS NOT NULL")
    if sql.fetchone()[0]:
        sql.execute("SELECT id, config FROM public.otree_session WHERE id IN (SELECT session_id FROM public.otree_participant "
                    "WHERE _index_in_pages <= _max_page_index)")
        sessions = {str(id): stored(text) for id, text in sql.fetchall()}

print("oforest-result " + json.dumps(dict(otree=otree.__version__, configs=configs, apps=apps, sessions=sessions)),
      file=answer, flush=True)
os._exit(0)
PYTHON`.trim();
