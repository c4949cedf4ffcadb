import { jobScript, ledgerSql, unlessFencedSql } from './job-shell.ts';

/**
 * `is_json FILE`: one object, as RFC 8259 has it. Postgres is the better judge, but these scripts also work without it:
 * strings become k, other values v, and what is left must fold into one v.
 */
const jsonShell = `
is_json() {
  ! grep -q "[$(printf '\\001-\\010\\013\\014\\016-\\037')]" "$1" || return 1
  case "$(head -c 1 "$1")" in '{') ;; *) return 1 ;; esac
  [ "$(tr '\\n\\r\\t' '   ' <"$1" | sed -E -e 's/"([^"\\\\]+|\\\\["\\\\/bfnrt]|\\\\u[0-9A-Fa-f]{4})*"/k/g' \\
    -e 's/true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?/v/g' -e 's/ +//g' -e ':a' \\
    -e 's/\\[([kv](,[kv])*)?\\]|\\{(k:[kv](,k:[kv])*)?\\}/v/g' -e 'ta')" = v ]
}
# The ids of what is in the volume, newest first: they begin with the time.
ids_of() { ls /backups | sed -n "s/[.]$1\\$//p" | grep -E '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$' | sort -r; }
`;

const list = `
backups=
for id in $(ids_of json); do
  [ -f "/backups/$id.dump" ] && [ "$(wc -c <"/backups/$id.json")" -le 4194304 ] && is_json "/backups/$id.json" || continue
  backups="$backups,$(tr '\\n\\r\\t' '   ' <"/backups/$id.json")"
done
unfinished=
for id in $({ ids_of dump.partial; ids_of json.partial; } | sort -u); do unfinished="$unfinished,\\"$id\\""; done
tries=0
until answers || [ "$tries" = 2 ]; do
  tries=$((tries + 1))
  sleep 1
done
answer='{"reachable": false, "archives": [], "databases": [], "live": null}'
if answers; then
  ask <<'SQL'
SELECT jsonb_agg(jsonb_build_object('database', datname, 'bytes', pg_database_size(oid)) ORDER BY datname) AS databases,
  jsonb_agg(jsonb_build_object('bytes', pg_database_size(oid))) FILTER (WHERE datname = 'otree')->0 AS live
FROM pg_database WHERE datname ~ '^otree' \\gset
SELECT to_regclass('public.oforest_archive') IS NOT NULL AS known \\gset
\\set archives []
\\if :known
SELECT coalesce(jsonb_agg(jsonb_build_object('database', a.database, 'operation', a.operation, 'reason', a.reason,
  'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'bytes', pg_database_size(d.oid)) ORDER BY a.at DESC), '[]') AS archives
FROM public.oforest_archive a JOIN pg_database d ON d.datname = a.database \\gset
\\endif
SELECT jsonb_build_object('reachable', true, 'archives', :'archives'::jsonb,
  'databases', coalesce(nullif(:'databases', ''), '[]')::jsonb, 'live', coalesce(nullif(:'live', ''), 'null')::jsonb);
SQL
fi
result "{\\"backups\\":[\${backups#,}],\\"unfinished\\":[\${unfinished#,}],\\"freeBytes\\":$(free_bytes /backups),\${answer#?}"
`;

/** A database that is stopped for good has no say: then files are all there is. */
const fenceIfReachableShell = `
fence_if_reachable() {
  answers || return 0
  ask <<'SQL'
${ledgerSql}
${unlessFencedSql}
SQL
}
`;

const dropBackups = `
need BACKUPS
for id in $BACKUPS; do check_backup "$id"; done
fence_if_reachable
is_verified() { [ -f "/backups/$1.dump" ] && grep -q '"verifiedAt"' "/backups/$1.json" 2>/dev/null; }
kept=0
given=0
for id in $(ids_of json); do
  is_verified "$id" || continue
  case " $BACKUPS " in *" $id "*) given=$((given + 1)) ;; *) kept=$((kept + 1)) ;; esac
done
[ "$given" = 0 ] || [ "$kept" -gt 0 ] || fail refused "The last verified backup is never dropped."
dropped=
for id in $BACKUPS; do
  # The manifest first: without it a dump is no backup.
  for end in json json.partial json.writing dump dump.partial; do
    rm -f "/backups/$id.$end" || fail refused "$id could not be removed."
  done
  dropped="$dropped,\\"$id\\""
done
synced /backups
result "{\\"dropped\\":[\${dropped#,}]}"
`;

const audit = `
need LINE
file=/backups/audit.jsonl
printf '%s\\n' "$LINE" >"$work/line"
[ "$(wc -l <"$work/line" | tr -d ' ')" = 1 ] && is_json "$work/line" || fail refused "What is to be written down is not one JSON object."
grep -qF "\\"operation\\":\\"$OPERATION\\"" "$work/line" || fail refused "What is to be written down is of another operation."
is_written() {
  [ -f "$file" ] || return 1
  grep -F "\\"operation\\":\\"$OPERATION\\"" "$file" >"$work/found" || return 1
  while IFS= read -r line; do
    printf '%s\\n' "$line" >"$work/one"
    is_json "$work/one" && return 0
  done <"$work/found"
  return 1
}
if ! is_written; then
  # A line that was cut off by a crash stays alone.
  if [ -s "$file" ] && [ "$(tail -c 1 "$file" | wc -l | tr -d ' ')" = 0 ]; then echo >>"$file" 2>/dev/null; fi
  { cat "$work/line" >>"$file"; } 2>/dev/null && is_written || fail no-space "The audit was not written: the disk is full."
fi
synced "$file"
result '{}'
`;

const readAudit = `
lines=
if [ -f /backups/audit.jsonl ]; then
  tail -n 200 /backups/audit.jsonl >"$work/lines"
  while IFS= read -r line; do
    printf '%s\\n' "$line" >"$work/one"
    if is_json "$work/one"; then printf ',%s' "$line" >>"$work/whole"; fi
  done <"$work/lines"
  [ ! -f "$work/whole" ] || lines="$(cat "$work/whole")"
fi
result "{\\"lines\\":[\${lines#,}]}"
`;

const holdOpen = `
held="\${SECONDS-}"
case "$held" in '' | *[!0-9]* | ???????*) fail refused "SECONDS is not a number." ;; esac
result "{\\"holds\\":$held}"
sleep "$held" &
trap 'kill "$!" 2>/dev/null; exit 0' TERM INT
wait "$!"
`;

const empty = `
if answers; then fail refused "The database still runs."; fi
emptied=
for folder in /backups /data; do
  [ -d "$folder" ] || continue
  find "$folder" -mindepth 1 -delete 2>/dev/null
  [ -z "$(ls -A "$folder")" ] || fail refused "Something in $folder could not be removed."
  synced "$folder"
  emptied="$emptied,\\"$folder\\""
done
result "{\\"emptied\\":[\${emptied#,}]}"
`;

export const fileScripts = {
  list: jobScript('list', jsonShell, list),
  'drop-backups': jobScript('drop-backups', jsonShell, fenceIfReachableShell, dropBackups),
  audit: jobScript('audit', jsonShell, audit),
  'read-audit': jobScript('read-audit', jsonShell, readAudit),
  'hold-open': jobScript('hold-open', holdOpen),
  empty: jobScript('empty', empty),
} as const;
