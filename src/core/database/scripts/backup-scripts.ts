import { mergedSql, sequencesSql, tablesSql } from './digest-sql.ts';
import {
  beginSql,
  finishSql,
  jobScript,
  ledgerSql,
  recreateShell,
  stepShell,
  studyShell,
  unlessDoneShell,
  unlessFencedSql,
} from './job-shell.ts';

/** Newer manifests are refused; the schema in manifest.ts is of this format. */
export const manifestFormat = 1;

/** `why_in FILE`: what a tool of Postgres said, as far as it may be repeated. */
const whyShell = `
why_in() {
  if grep -qi 'no space left on device' "$1"; then echo 'the disk is full'
  elif grep -qiE 'server closed the connection|terminating connection|connection to server' "$1"; then
    echo 'the database ended the connection'
  elif grep -qi 'lock timeout' "$1"; then echo 'something else holds one of its tables'
  elif grep -qiE 'permission denied|must be (owner|superuser)' "$1"; then
    echo 'something in it needs more than the rights of the study'
  else echo 'the tool of Postgres gave up'
  fi
}
`;

/** `keep TEXT FILE`: all of it is on the disk under that name, or the name is as it was. */
const keepShell = `
keep() {
  { printf '%s\\n' "$1" >"$base.json.writing"; } 2>/dev/null &&
    [ "$(cat "$base.json.writing")" = "$1" ] &&
    synced "$base.json.writing" && mv "$base.json.writing" "$2" && synced /backups
}
`;

const dump = `
need DATABASE BACKUP FACTS
check_database "$DATABASE" live old
check_backup "$BACKUP"
base="/backups/$BACKUP"
export base DATABASE
if [ -f "$base.dump" ] && [ -s "$base.json" ]; then
  result "$(cat "$base.json")"
  exit
fi
if [ -s "$base.json.partial" ] && { [ -f "$base.dump" ] || [ -f "$base.dump.partial" ]; }; then
  result "$(cat "$base.json.partial")"
  exit
fi
wait_database
ask -v database="$DATABASE" <<'SQL'
${ledgerSql}
${unlessFencedSql}
SELECT CASE
  WHEN count(*) = 0 THEN '{"error":"database-missing","why":"There is no such database."}'
  WHEN NOT bool_and(datallowconn) THEN '{"error":"refused","why":"The database is closed."}'
  ELSE (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE datname = :'database')::text
END FROM pg_database WHERE datname = :'database';
SQL
database_bytes="$answer"
free="$(free_bytes /backups)"
needed=$((database_bytes / 2 * 5 + 16777216))
[ "$free" -ge "$needed" ] || fail no-space "$free bytes are free for backups, and $needed are needed."

is_done=
clean() {
  rm -rf "$work"
  [ -n "$is_done" ] || rm -f "$base.dump.partial" "$base.json.partial" "$base.json.writing"
}
# One snapshot for both: this session holds it open while pg_dump, started from it, reads the same. Sequences do not
# obey snapshots, so they are read before and after.
study "$DATABASE" -v taken="$work/taken" -v tables="$work/tables" -v before="$work/before" -v after="$work/after" <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SNAPSHOT :snapshot
\\o :taken
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
\\o :before
${sequencesSql}
\\o :tables
${tablesSql}
\\o
\\! pg_dump -Fc -Z6 --snapshot="$SNAPSHOT" --lock-wait-timeout=60000 -w -U study -d "$DATABASE" -f "$base.dump.partial" 2>"$work/dump-error"; echo $? >"$work/dump-code"
\\o :after
${sequencesSql}
\\o
COMMIT;
SQL
code="$?"
if [ -s "$work/dump-code" ] && [ "$(cat "$work/dump-code")" != 0 ]; then
  fail dump-failed "The dump was not written: $(why_in "$work/dump-error")."
fi
[ "$code" != 2 ] || fail database-unreachable "The database did not answer, or ended the connection."
[ "$code" = 0 ] || fail dump-failed "The data could not be read (SQLSTATE $(sql_state))."
synced "$base.dump.partial"
bytes="$(wc -c <"$base.dump.partial" | tr -d ' ')"
sha256="$(sha256sum <"$base.dump.partial" | cut -d ' ' -f 1)"
failure=dump-failed
ask -v facts="$FACTS" -v id="$BACKUP" -v database="$DATABASE" -v bytes="$bytes" -v sha256="$sha256" -v size="$database_bytes" <<'SQL'
\\set taken \`cat "$work/taken"\`
\\set tables \`cat "$work/tables"\`
\\set before \`cat "$work/before"\`
\\set after \`cat "$work/after"\`
WITH held AS (SELECT ${mergedSql('tables')} AS tables, ${mergedSql('before')} AS before, ${mergedSql('after')} AS after)
SELECT (:'facts'::jsonb || jsonb_build_object(
  'format', ${manifestFormat}, 'id', :'id', 'takenAt', :'taken', 'database', :'database', 'databaseBytes', :size,
  'bytes', :bytes, 'sha256', :'sha256', 'postgres', split_part(current_setting('server_version'), ' ', 1),
  'systemIdentifier', (SELECT system_identifier::text FROM pg_control_system()),
  'tables', tables,
  'sequences', (SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(value, after->>key)), '{}') FROM jsonb_each_text(before)),
  'rows', (SELECT coalesce(sum((value->>'rows')::numeric), 0) FROM jsonb_each(tables)),
  'participants', coalesce(tables->'otree_participant'->'rows', '0'),
  'sessions', coalesce(tables->'otree_session'->'rows', '0')))::text
FROM held;
SQL
keep "$answer" "$base.json.partial" || fail dump-failed "The manifest was not written: the disk is full."
is_done=1
result "$answer"
`;

/** Finds the backup, and ends the job unless its manifest is one for this study and its dump is what was written. */
const checkShell = `
need BACKUP
check_backup "$BACKUP"
base="/backups/$BACKUP"
# Jobs are named by the host of the database they belong to.
case "$DATABASE_HOST" in *_db) stack="\${STACK:-\${DATABASE_HOST%_db}}" ;; *) stack="\${STACK-}" ;; esac
[ "\${FOREIGN_OK-}" != 1 ] || stack=

find_backup() {
  manifest=
  dump=
  for file in "$base.json" "$base.json.partial"; do [ -n "$manifest" ] || { [ -f "$file" ] && manifest="$file"; }; done
  for file in "$base.dump" "$base.dump.partial"; do [ -n "$dump" ] || { [ -f "$file" ] && dump="$file"; }; done
  [ -n "$manifest" ] && [ -n "$dump" ] || fail backup-missing "There is no backup $BACKUP."
  export manifest
}
check_backup_files() {
  [ "$(wc -c <"$manifest")" -le 4194304 ] || fail backup-damaged "The manifest is no manifest."
  failure=backup-damaged
  ask -v backup="$BACKUP" -v stack="$stack" <<'SQL'
\\set manifest \`cat "$manifest"\`
SELECT CASE
  WHEN jsonb_typeof(m) IS DISTINCT FROM 'object' OR jsonb_typeof(m->'format') IS DISTINCT FROM 'number'
    THEN '{"error":"backup-damaged","why":"The manifest is no manifest."}'
  WHEN (m->>'format')::numeric > ${manifestFormat}
    THEN '{"error":"backup-too-new","why":"The manifest is of a newer format."}'
  WHEN coalesce(m->>'postgres', '') !~ '^[0-9]{1,4}([.]|$)'
    THEN '{"error":"backup-damaged","why":"The manifest does not name its Postgres."}'
  WHEN split_part(m->>'postgres', '.', 1)::int > current_setting('server_version_num')::int / 10000
    THEN '{"error":"backup-too-new","why":"The backup was made by a newer Postgres."}'
  WHEN m->>'id' IS DISTINCT FROM :'backup'
    THEN '{"error":"backup-foreign","why":"The manifest is that of another backup."}'
  WHEN :'stack' <> '' AND m->>'stack' IS DISTINCT FROM :'stack'
    THEN '{"error":"backup-foreign","why":"The backup is of another study."}'
  WHEN coalesce(m->>'bytes', '') !~ '^[0-9]{1,15}$' OR coalesce(m->>'sha256', '') !~ '^[0-9a-f]{64}$'
    OR jsonb_typeof(m->'tables') IS DISTINCT FROM 'object'
    THEN '{"error":"backup-damaged","why":"The manifest lacks what the dump is checked against."}'
  ELSE (m->>'bytes') || ' ' || (m->>'sha256')
END FROM (SELECT :'manifest'::jsonb AS m) AS given;
SQL
  failure=
  [ "$(wc -c <"$dump" | tr -d ' ')" = "\${answer%% *}" ] || fail backup-damaged "The dump has not the size it was written with."
  [ "$(sha256sum <"$dump" | cut -d ' ' -f 1)" = "\${answer##* }" ] || fail backup-damaged "The dump is not what was written."
}
`;

/** `restore_into DATABASE`: from nothing, as the study's role, and equal to the manifest; else `$wrong` and `$why` say what is wrong. */
const restoreShell = `
restore_into() {
  recreate "$1"
  if ! as_study pg_restore --exit-on-error --no-owner --no-privileges --no-tablespaces -w -U study -d "$1" "$dump" \\
    >/dev/null 2>"$work/restore-error"; then
    why="$(why_in "$work/restore-error")"
    case "$why" in
      *disk*) wrong=no-space ;;
      *connection) wrong=database-unreachable ;;
      *) wrong=verify-failed ;;
    esac
    why="The dump could not be restored: $why."
    return 1
  fi
  study "$1" -v tables="$work/tables" -v sequences="$work/sequences" <<'SQL' || {
\\o :sequences
${sequencesSql}
\\o :tables
${tablesSql}
SQL
    wrong=verify-failed
    why="What was restored could not be read (SQLSTATE $(sql_state))."
    return 1
  }
  ask <<'SQL'
${ledgerSql}
${unlessFencedSql}
\\set manifest \`cat "$manifest"\`
\\set tables \`cat "$work/tables"\`
\\set sequences \`cat "$work/sequences"\`
WITH held AS (SELECT :'manifest'::jsonb AS m, ${mergedSql('tables')} AS tables, ${mergedSql('sequences')} AS sequences)
SELECT CASE WHEN m->'tables' = tables AND NOT EXISTS (
  SELECT FROM jsonb_each_text(sequences) AS found FULL JOIN jsonb_each(m->'sequences') AS wanted USING (key)
  WHERE (found.value::numeric BETWEEN SYMMETRIC (wanted.value->>0)::numeric AND (wanted.value->>1)::numeric) IS NOT TRUE
) THEN 'equal' ELSE 'different' END FROM held;
SQL
  [ "$answer" = equal ] && return
  wrong=verify-failed
  why="What was restored is not what was dumped."
  return 1
}
`;

const verify = `
wait_database
begin
if [ "$answer" != go ] && [ -f "$base.dump" ] && [ -s "$base.json" ]; then
  result "$(cat "$base.json")"
  exit
fi
find_backup
check_backup_files
if ! restore_into otree_check; then
  drop otree_check
  fail "$wrong" "$why"
fi
drop otree_check
ask <<'SQL'
\\set manifest \`cat "$manifest"\`
SELECT (:'manifest'::jsonb || jsonb_build_object('verifiedAt',
  to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))::text;
SQL
final="$answer"
# The manifest comes last: only with it a dump is a backup.
if [ "$dump" != "$base.dump" ]; then
  synced "$dump"
  mv "$dump" "$base.dump" && synced /backups || fail refused "The dump could not be named."
fi
keep "$final" "$base.json" || { rm -f "$base.json.writing"; fail no-space "The manifest was not written: the disk is full."; }
rm -f "$base.json.partial"
record "{\\"backup\\":\\"$BACKUP\\"}"
result "$final"
`;

const fill = `
need DATABASE
check_database "$DATABASE" new
wait_database
${unlessDoneShell}
find_backup
check_backup_files
restore_into "$DATABASE" || fail "$wrong" "$why"
ask -v database="$DATABASE" <<'SQL'
\\set manifest \`cat "$manifest"\`
SELECT jsonb_build_object('database', :'database', 'tables', count(*), 'rows', coalesce(sum((value->>'rows')::numeric), 0)) AS result
FROM jsonb_each(:'manifest'::jsonb->'tables') \\gset
${beginSql}
${finishSql}
SQL
result "$answer"
`;

export const backupScripts = {
  dump: jobScript('dump', studyShell, whyShell, keepShell, dump),
  verify: jobScript(
    'verify',
    studyShell,
    stepShell,
    recreateShell,
    whyShell,
    keepShell,
    checkShell,
    restoreShell,
    verify,
  ),
  fill: jobScript('fill', studyShell, stepShell, recreateShell, whyShell, checkShell, restoreShell, fill),
} as const;
