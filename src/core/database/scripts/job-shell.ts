/**
 * What all job scripts share. They are POSIX sh and run in the platform's Postgres image, Debian's or Alpine's. A job ends
 * with one line `oforest-result {json}`, and with exit code 1 when that line is a failure we foresaw.
 */

/** The words of `{"error": …}` in the result of a job. */
const jobErrors = [
  'fenced',
  'no-space',
  'dump-failed',
  'backup-missing',
  'backup-damaged',
  'backup-foreign',
  'backup-too-new',
  'verify-failed',
  'database-missing',
  'database-unreachable',
  'connections-stay',
  'refused',
] as const;
export type JobError = (typeof jobErrors)[number];

/** A whole script: its name first, so that a list of processes says what runs, and the sandbox knows what to do. */
export function jobScript(name: string, ...parts: readonly string[]): string {
  return [`# oforest-script: ${name}`, prelude, ...parts].map((part) => part.trim()).join('\n\n');
}

/**
 * Nothing that Postgres says is printed: an error of it can hold a participant's answers. Only its code (SQLSTATE) is.
 * The superuser connects to its own database \`postgres\` alone: in one that a study owns, functions may be planted.
 */
const prelude = `
set -uf
umask 077
LC_ALL=C
PGHOST="\${DATABASE_HOST-}"
PGAPPNAME="oforest-job-\${EPOCH-}"
PGCLIENTENCODING=UTF8
PGCONNECT_TIMEOUT=10
export LC_ALL PGHOST PGAPPNAME PGCLIENTENCODING PGCONNECT_TIMEOUT
newline='
'
work="$(mktemp -d)"
export work
clean() { rm -rf "$work"; }
trap clean EXIT
trap 'exit 143' TERM INT

result() { printf 'oforest-result %s\\n' "$1"; }
fail() { printf 'oforest-result {"error":"%s","why":"%s"}\\n' "$1" "$2"; exit 1; }
need() {
  for name; do
    eval "value=\\\${$name-}"
    [ -n "$value" ] || fail refused "The job was started without $name."
  done
}
need DATABASE_HOST OPERATION STEP EPOCH
case "$EPOCH" in *[!0-9]* | ??????????*) fail refused "EPOCH is not a number." ;; esac

# A database of one of the given kinds, or the end of the job.
check_database() {
  database="$1"
  shift
  case "$database" in *[!A-Za-z0-9_]*) fail refused "That is not the name of a database of ours." ;; esac
  [ "\${#database}" -le 63 ] || fail refused "That is not the name of a database of ours."
  for kind; do
    case "$kind:$database" in
      live:otree | trial:otree_trial | check:otree_check | new:otree_new_?* | old:otree_old_?*) return ;;
    esac
  done
  fail refused "$database is not to be used so."
}
check_backup() {
  case "$1" in -* | *[!A-Za-z0-9-]*) fail refused "That is not the id of a backup." ;; esac
  [ "\${#1}" -le 64 ] || fail refused "That is not the id of a backup."
}

superuser() {
  PGPASSWORD="$(cat /run/secrets/POSTGRES_PASSWORD)" \\
  PGOPTIONS='-c client_min_messages=error -c search_path=public -c lock_timeout=60s -c idle_in_transaction_session_timeout=120s' \\
  psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -v operation="$OPERATION" -v step="$STEP" -v epoch="$EPOCH" \\
    -U postgres -d postgres "$@" 2>"$work/psql-error"
}

# Runs the SQL on stdin as superuser; its last line becomes $answer. One that is a failure ends the job.
ask() {
  answer="$(superuser "$@")" || sql_failed "$?"
  answer="\${answer##*"$newline"}"
  case "$answer" in '{"error"'*) result "$answer"; exit 1 ;; esac
}
sql_state() {
  sed -n -E 's/.*(ERROR|FATAL|PANIC): +([0-9A-Z]{5})$/\\2/p' "$work/psql-error" | head -n 1
}
# What $failure names is how a mistake in what was given shows; the exit code 2 of psql is a lost connection.
sql_failed() {
  state="$(sql_state)"
  case "$1:$state" in
    2:*) fail database-unreachable "The database did not answer, or ended the connection." ;;
    *:53100) fail no-space "The disk of the database is full." ;;
    *:55P03) fail connections-stay "Something else holds what has to be changed." ;;
    *) fail "\${failure:-refused}" "The database answered with SQLSTATE \${state:-unknown}." ;;
  esac
}

answers() { pg_isready -q -t 3 -U postgres -d postgres; }
wait_database() {
  tries=0
  until answers; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || fail database-unreachable "The database did not answer within a minute."
    sleep 1
  done
}
free_bytes() {
  df -Pk "$1" | awk 'NR == 2 { printf "%.0f\\n", $4 * 1024 }'
}
# Alpine's sync may not take a file.
synced() { sync "$1" 2>/dev/null || sync; }
`;

/** What operations did to the databases, and what they set aside: kept by the superuser where no study can read it. */
export const ledgerSql = `
CREATE TABLE IF NOT EXISTS public.oforest_op (operation text, step text, epoch int NOT NULL, result jsonb,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (operation, step));
CREATE TABLE IF NOT EXISTS public.oforest_archive (database text PRIMARY KEY, operation text NOT NULL, reason text NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
`.trim();

/** Ends the session unless the caller still holds the study's lock, as far as its Postgres was told. */
export const unlessFencedSql = `
SELECT coalesce(max(epoch), 0) > :epoch AS fenced FROM public.oforest_op \\gset
\\if :fenced
\\echo '{"error":"fenced","why":"Another run has taken over this study."}'
\\q
\\endif
`.trim();

/** Ends the session with the result of the first run, when there was one. */
export const unlessDoneSql = `
SELECT count(*) > 0 AS done FROM public.oforest_op WHERE operation = :'operation' AND step = :'step' \\gset
\\if :done
SELECT result FROM public.oforest_op WHERE operation = :'operation' AND step = :'step';
\\q
\\endif
`.trim();

/** Begins a transaction that nobody else's change can come into. */
export const beginSql = `
${ledgerSql}
BEGIN;
LOCK TABLE public.oforest_op IN EXCLUSIVE MODE;
${unlessFencedSql}
`.trim();

/** Takes the psql variable `result`. */
export const recordSql = `
INSERT INTO public.oforest_op AS op (operation, step, epoch, result) VALUES (:'operation', :'step', :epoch, :'result')
  ON CONFLICT (operation, step) DO UPDATE SET epoch = greatest(op.epoch, excluded.epoch), result = excluded.result;
`.trim();

/** Ends the transaction of `beginSql`, and with it the step: the psql variable `result` is kept and told. */
export const finishSql = `
${recordSql}
COMMIT;
\\echo :result
`.trim();

/** `begin`: says `go` when the step is still to be done, else its result. `record RESULT`: says that it is. */
export const stepShell = `
begin() {
  ask <<'SQL'
${beginSql}
${unlessDoneSql}
COMMIT;
\\echo go
SQL
}
record() {
  ask -v result="$1" <<'SQL'
${beginSql}
${recordSql}
COMMIT;
SQL
}
`;

/** With `stepShell`: ends the job with the result of the first run, when there was one. */
export const unlessDoneShell = `
begin
if [ "$answer" != go ]; then
  result "$answer"
  exit
fi
`.trim();

/**
 * Takes the psql variables \`database\` and \`template\`. CREATE DATABASE cannot be in a transaction: being repeated does no
 * harm. What is closed can be copied without being opened.
 */
export const createDatabaseSql = `
CREATE DATABASE :"database" OWNER study TEMPLATE :"template";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
`.trim();

const dropDatabaseSql = `
${ledgerSql}
${unlessFencedSql}
DROP DATABASE IF EXISTS :"database" WITH (FORCE);
`.trim();

/** `recreate NAME`: a new empty database of the study. `drop NAME`: none. */
export const recreateShell = `
recreate() {
  ask -v database="$1" -v template=template0 <<'SQL'
${dropDatabaseSql}
${createDatabaseSql}
SQL
}
drop() {
  ask -v database="$1" <<'SQL'
${dropDatabaseSql}
SQL
}
`;

/** `study DATABASE …`: psql as the study's own role, with everything fixed that changes how values are written. */
export const studyShell = `
study_options='-c client_min_messages=error -c search_path=pg_catalog -c timezone=UTC -c datestyle=ISO,YMD
  -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex -c lc_monetary=C -c lc_numeric=C -c xmloption=content
  -c row_security=off -c jit=off -c lock_timeout=60s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0
  -c default_transaction_read_only=off -c synchronous_commit=off'
as_study() {
  PGPASSWORD="$(cat /run/secrets/DATABASE_PASSWORD)" PGOPTIONS="$study_options" "$@"
}
study() {
  database="$1"
  shift
  as_study psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -U study -d "$database" "$@" 2>"$work/psql-error"
}
`;
