import type { StepId } from '../../domain/operation-event.ts';
import {
  beginSql,
  createDatabaseSql,
  finishSql,
  jobScript,
  ledgerSql,
  recordSql,
  stepShell,
  studyShell,
  unlessDoneShell,
  unlessDoneSql,
  unlessFencedSql,
} from './job-shell.ts';

/** Empty, or with a copy of what was set aside, which stays closed. */
const createDatabase = `
need DATABASE
check_database "$DATABASE" live new check
template="\${TEMPLATE-template0}"
[ "$template" = template0 ] || check_database "$template" old
case "$DATABASE" in otree) may_drop=false ;; *) may_drop=true ;; esac
wait_database
ask -v database="$DATABASE" -v template="$template" -v may_drop="$may_drop" <<'SQL'
${beginSql}
${unlessDoneSql}
COMMIT;
SELECT count(*) = 0 AS missing FROM pg_database WHERE datname = :'template' \\gset
\\if :missing
\\echo '{"error":"database-missing","why":"What is to be copied is not there."}'
\\q
\\endif
SELECT count(*) > 0 AS there FROM pg_database WHERE datname = :'database' \\gset
\\if :there
\\if :may_drop
DROP DATABASE :"database" WITH (FORCE);
\\else
\\echo '{"error":"refused","why":"There is such a database already."}'
\\q
\\endif
\\endif
${createDatabaseSql}
SELECT jsonb_build_object('database', :'database') AS result \\gset
${beginSql}
${finishSql}
SQL
result "$answer"
`;

/** An open connection makes a rename fail after 5 s, so new ones are forbidden first, for all to see, and old ones ended. */
const swap = `
need LIVE DATABASE ARCHIVE REASON
check_database "$LIVE" live
check_database "$DATABASE" new old
check_database "$ARCHIVE" old
[ "$DATABASE" != "$ARCHIVE" ] || fail refused "A database cannot be set aside under its own name."
wait_database
swap() {
  superuser -v live="$LIVE" -v database="$DATABASE" -v archive="$ARCHIVE" -v reason="$REASON" <<'SQL'
${beginSql}
${unlessDoneSql}
SELECT count(*) FILTER (WHERE datname = :'live') = 0 AS live_missing,
  count(*) FILTER (WHERE datname = :'database') = 0 AS database_missing,
  count(*) FILTER (WHERE datname = :'archive') > 0 AS archive_there FROM pg_database \\gset
\\if :live_missing
\\echo '{"error":"database-missing","why":"There is no live database."}'
\\q
\\elif :database_missing
\\echo '{"error":"database-missing","why":"The database that is to become the live one is not there."}'
\\q
\\elif :archive_there
\\echo '{"error":"refused","why":"The name for the live database is taken."}'
\\q
\\endif
ALTER DATABASE :"live" WITH ALLOW_CONNECTIONS false;
ALTER DATABASE :"database" WITH ALLOW_CONNECTIONS false;
COMMIT;
SELECT set_config('oforest.live', :'live', false) AS live_set, set_config('oforest.database', :'database', false) AS database_set \\gset
DO $do$
BEGIN
  FOR tries IN 1..100 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname IN (current_setting('oforest.live'), current_setting('oforest.database'));
    EXIT WHEN NOT FOUND;
    PERFORM pg_sleep(0.1);
  END LOOP;
END $do$;
${beginSql}
${unlessDoneSql}
ALTER DATABASE :"live" RENAME TO :"archive";
ALTER DATABASE :"database" RENAME TO :"live";
ALTER DATABASE :"live" WITH ALLOW_CONNECTIONS true;
-- What is set aside is out of the study's own reach: its code could drop what it owns.
ALTER DATABASE :"archive" OWNER TO postgres;
ALTER DATABASE :"live" OWNER TO study;
DELETE FROM public.oforest_archive WHERE database = :'database';
INSERT INTO public.oforest_archive (database, operation, reason) VALUES (:'archive', :'operation', :'reason');
SELECT jsonb_build_object('live', :'live', 'archive', :'archive') AS result \\gset
${finishSql}
SQL
}
rounds=0
until answer="$(swap)"; do
  code="$?"
  state="$(sql_state)"
  rounds=$((rounds + 1))
  # 55006: somebody is still connected.
  if [ "$state" = 55006 ] && [ "$rounds" -lt 3 ]; then continue; fi
  ask -v live="$LIVE" -v database="$DATABASE" <<'SQL'
${beginSql}
SELECT format('ALTER DATABASE %I WITH ALLOW_CONNECTIONS true', datname) FROM pg_database d
WHERE datname IN (:'live', :'database') AND NOT EXISTS (SELECT FROM public.oforest_archive a WHERE a.database = d.datname)
\\gexec
COMMIT;
SQL
  [ "$state" = 55006 ] && fail connections-stay "Something stays connected to the database."
  fail refused "The database answered with SQLSTATE \${state:-unknown} ($code)."
done
answer="\${answer##*"$newline"}"
result "$answer"
case "$answer" in '{"error"'*) exit 1 ;; esac
`;

/** Takes the first half of a switch back; of one that this operation did, it only tells. */
const open = `
need DATABASE
check_database "$DATABASE" live new old
wait_database
ask -v database="$DATABASE" <<'SQL'
${beginSql}
SELECT count(*) = 0 AS missing FROM pg_database WHERE datname = :'database' \\gset
SELECT count(*) > 0 AS archived FROM public.oforest_archive WHERE database = :'database' \\gset
SELECT count(*) > 0 AS switched FROM public.oforest_op WHERE operation = :'operation' AND step = '${'swap-databases' satisfies StepId}' \\gset
\\if :switched
\\echo '{"switched":true}'
\\q
\\elif :missing
\\echo '{"error":"database-missing","why":"There is no such database."}'
\\q
\\elif :archived
\\echo '{"error":"refused","why":"A database that was set aside stays closed."}'
\\q
\\endif
ALTER DATABASE :"database" WITH ALLOW_CONNECTIONS true;
SELECT jsonb_build_object('database', :'database') AS result \\gset
${finishSql}
SQL
result "$answer"
`;

/** Whatever an earlier holder still has open is ended: before, so that it holds no lock; after, so that it begins nothing. */
const endEarlierSql = `
SELECT count(pg_terminate_backend(pid, 10000)) AS ended FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND usename IN ('postgres', 'study')
  AND CASE WHEN application_name ~ '^oforest-job-[0-9]{1,9}$' THEN substr(application_name, 13)::int < :epoch END \\gset
`.trim();

const fence = `
STEP=fence
wait_database
ask <<'SQL'
${ledgerSql}
${unlessFencedSql}
${endEarlierSql}
SELECT jsonb_build_object('epoch', :epoch) AS result \\gset
${beginSql}
${recordSql}
COMMIT;
${endEarlierSql}
\\echo :result
SQL
result "$answer"
`;

const dropDatabases = `
need DATABASES
for name in $DATABASES; do check_database "$name" old new check; done
wait_database
ask -v names="$DATABASES" <<'SQL'
${beginSql}
${unlessDoneSql}
COMMIT;
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', name) FROM string_to_table(:'names', ' ') AS name WHERE name <> ''
\\gexec
SELECT jsonb_build_object('dropped', coalesce(jsonb_agg(name), '[]')) AS result
FROM string_to_table(:'names', ' ') AS name WHERE name <> '' \\gset
${beginSql}
DELETE FROM public.oforest_archive WHERE database = ANY (string_to_array(:'names', ' '));
${finishSql}
SQL
result "$answer"
`;

/** What a column that oForest adds may be, as format_type() writes it: nothing that could name something of the study's. */
const columnType = [
  'smallint|integer|bigint|boolean|text|real|double precision|date|json|jsonb|bytea|uuid|interval',
  'numeric([(][0-9]{1,4}(, ?[0-9]{1,4})?[)])?',
  'character varying([(][0-9]{1,8}[)])?|character([(][0-9]{1,8}[)])?',
  '(timestamp|time)([(][0-6][)])?( with(out)? time zone)?',
].join('|');

const columns = `jsonb_to_recordset(:'columns'::jsonb) AS c("table" text, "column" text, type text)`;

const addColumns = `
need DATABASE COLUMNS
check_database "$DATABASE" live new
wait_database
${unlessDoneShell}
answer="$(study "$DATABASE" -v columns="$COLUMNS" <<'SQL'
BEGIN;
SELECT count(*) FILTER (WHERE "table" IS NULL OR "column" IS NULL OR coalesce(type, '') !~ '^(${columnType})$') > 0 AS wrong,
  count(*) FILTER (WHERE to_regclass(format('public.%I', "table")) IS NULL) > 0 AS missing,
  count(*) FILTER (WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attname = "column" AND NOT a.attisdropped
    AND a.attrelid = to_regclass(format('public.%I', "table")))) AS added
FROM ${columns} \\gset
\\if :wrong
\\echo '{"error":"refused","why":"A column is of a type that is not added."}'
\\q
\\elif :missing
\\echo '{"error":"refused","why":"A table that gets a column is not there."}'
\\q
\\endif
SELECT format('ALTER TABLE public.%I ADD COLUMN IF NOT EXISTS %I %s', "table", "column", type) FROM ${columns}
\\gexec
COMMIT;
SELECT jsonb_build_object('added', :added);
SQL
)" || sql_failed "$?"
answer="\${answer##*"$newline"}"
case "$answer" in '{"error"'*) result "$answer"; exit 1 ;; esac
added="$answer"
record "$added"
result "$added"
`;

export const databaseScripts = {
  'create-database': jobScript('create-database', createDatabase),
  swap: jobScript('swap', swap),
  open: jobScript('open', open),
  fence: jobScript('fence', fence),
  'drop-databases': jobScript('drop-databases', dropDatabases),
  'add-columns': jobScript('add-columns', studyShell, stepShell, addColumns),
} as const;
