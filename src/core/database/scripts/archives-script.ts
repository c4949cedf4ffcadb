/**
 * Prints which databases were set aside and which operations did it, as one line of JSON. Run beside the database by its
 * superuser, in its own database `postgres`: never in one that a study owns.
 */
export const archivesScript: readonly string[] = [
  '/bin/sh',
  '-c',
  `
# oforest-script: archives
set -eu
PGOPTIONS='-c statement_timeout=5000' exec psql -X -A -t -q -v ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
SELECT to_regclass('public.oforest_archive') IS NOT NULL AS known \\gset
\\if :known
SELECT 'oforest-result ' || coalesce(json_agg(json_build_object(
         'database', a.database, 'operation', a.operation, 'reason', a.reason,
         'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'bytes', pg_database_size(d.oid)) ORDER BY a.at DESC), '[]')
  FROM oforest_archive a JOIN pg_database d ON d.datname = a.database;
\\else
\\echo oforest-result []
\\endif
SQL`.trim(),
];
