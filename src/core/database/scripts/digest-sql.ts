/**
 * What a database holds, in numbers that are equal after dump and restore. It is run as the study's own role with the
 * settings of `studyShell`; names from the study are quoted by `format`, and no function, cast or operator of the
 * study's is called: the search path is pg_catalog, and rows become text by `record_out`, never by a cast.
 */

const ours = `
  n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend e
    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
`.trim();

/** A table of `public` is called by its name alone, as far as that cannot be mistaken for another's. */
const key = `CASE WHEN n.nspname = 'public' AND c.relname !~ '[.]' THEN c.relname::text ELSE format('%I.%I', n.nspname, c.relname) END`;

/**
 * One line of JSON per table: {"name": {"rows", "digest"}}. A digest is made of the table's columns, constraints and
 * indexes, and of the sum of the hashes of its rows, so that their order does not matter and memory stays constant.
 */
export const tablesSql = `
SELECT format($query$
  SELECT jsonb_build_object(%1$L::text, jsonb_build_object('rows', count(*), 'digest', encode(sha256(convert_to(
    concat_ws('|', %2$L::text, count(*), sum(('x' || substr(hash, 1, 16))::bit(64)::int8),
      sum(('x' || substr(hash, 17, 16))::bit(64)::int8)), 'UTF8')), 'hex')))::text
  FROM (SELECT encode(sha256(convert_to(textin(record_out(ROW(r.*))), 'UTF8')), 'hex') AS hash FROM ONLY %3$I.%4$I AS r) AS s
$query$, ${key}, concat_ws(';',
  (SELECT string_agg(format('%I %s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef,
      a.attidentity, a.attgenerated), ',' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT string_agg(format('%I %s %s', k.conname, k.contype, (SELECT string_agg(quote_ident(a.attname), ',' ORDER BY i)
      FROM unnest(k.conkey) WITH ORDINALITY AS u(number, i) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = number)),
      ',' ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
  (SELECT string_agg(format('%I %s %s %s', x.relname, i.indisunique, i.indnatts, i.indnkeyatts), ',' ORDER BY x.relname)
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisvalid)
), n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND ${ours} ORDER BY n.nspname, c.relname
\\gexec
`.trim();

/** One line of JSON per sequence: {"name": "next value"}, as text because it may be beyond what JSON readers keep. */
export const sequencesSql = `
SELECT format($query$
  SELECT jsonb_build_object(%1$L::text, (last_value::numeric + CASE WHEN is_called THEN %2$s ELSE 0 END)::text)::text
  FROM %3$I.%4$I
$query$, ${key}, s.seqincrement, n.nspname, c.relname)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${ours} ORDER BY n.nspname, c.relname
\\gexec
`.trim();

/** Lines as above in a psql variable, as one object. */
export function mergedSql(variable: string): string {
  return `(SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
    FROM string_to_table(:'${variable}', E'\\n') AS line, jsonb_each(line::jsonb) AS e WHERE line <> '')`;
}
