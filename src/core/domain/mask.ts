/**
 * What oTree 5.11 and 6.0 call the things that lead to a person, as query parameters and as names in error texts. The
 * signed ones (hash, token, channel) let anyone in who knows them.
 */
const placeholders: readonly [placeholder: string, names: readonly string[]][] = [
  ['‹participant›', ['participant_code', 'participant_id', 'participant', 'player_id', 'pcode', 'code']],
  ['‹label›', ['participant_label', 'participant_labels', 'label', 'nickname']],
  ['‹hash›', ['hash']],
  ['‹token›', ['token', 'channel', 'csrftoken', 'admin_secret_code', 'nickname_signed']],
  ['‹worker›', ['workerid', 'assignmentid', 'worker_id', 'assignment_id', 'mturk_worker_id', 'mturk_assignment_id']],
];
const placeholderOf = new Map(placeholders.flatMap(([placeholder, names]) => names.map((name) => [name, placeholder])));

/** Parameters of oTree that say nothing about a person; the value of any other is masked. */
const harmless: readonly string[] = [
  ...['welcome_page_ok', 'page_index', 'page_name', 'app_name', 'session_pk', 'session_code', 'group_id', 'room_name'],
  ...['tab_unique_id', 'format', 'app', 'function_name', 'excel', 'archived', 'scrsplit', 'is_mturk'],
];

/** `(/p/)code`, also with the slash encoded or doubled; the piece after it ends where a path does. */
const paths: readonly [path: RegExp, placeholder: string][] = [
  [after('p|InitializeParticipant|OutOfRangeNotification|api/participant_vars'), '‹participant›'],
  [after('join'), '‹code›'],
];

const secretHeaders = 'set-cookie|cookie|authorization|otree-rest-key|x-forwarded-for|x-real-ip';
const quotedHeader = new RegExp(`\\b(${secretHeaders})(['"]\\s?[:,]\\s?b?)(['"])(?:\\\\.|(?!\\3)[^\\\\])*`, 'gi');
const plainHeader = new RegExp(`\\b(${secretHeaders})(\\s?:\\s?)(?=[^\\s'"]).*`, 'i');

/**
 * A line of a log without what leads to a participant: codes, labels, hashes, join codes, tokens, cookies, workers' ids,
 * visitors' addresses, and the values of a database error. The rest stays. Masking twice changes nothing; the time is
 * linear.
 *
 * It knows what oTree, uvicorn and Postgres write. What a study prints of its own accord is found only where it stands
 * beside its name: `participant_label=…`.
 */
export function maskParticipants(line: string): string {
  let masked = maskAddress(line);
  for (const [path, placeholder] of paths) masked = masked.replace(path, `$1${placeholder}`);
  masked = masked.replace(/\?(\S+)/g, maskQuery);
  return maskSentences(maskNames(maskStatement(maskHeaders(masked))));
}

function after(names: string): RegExp {
  const slash = '(?:/|%2F)';
  return new RegExp(`(${slash}(?:${names.replaceAll('/', slash)})${slash}+)(?:[^\\s/?#"'<>%]|%(?!2F))+`, 'gi');
}

/** uvicorn: `INFO:     192.0.2.7:51234 - "GET …` and `INFO:     ('192.0.2.7', 51234) - "WebSocket …`. */
function maskAddress(line: string): string {
  return line
    .replace(/^(.{0,60}?INFO\S{0,10}:\S{0,10}\s{1,9})(?!\s|:0 - )([^"]{1,300}?)( - ")/, '$1‹address›$3')
    .replace(/\('[^'\s]{1,100}', \d{1,5}\)(?= - ")/g, '‹address›')
    .replace(/(^|[\s[(])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?= - ["-])/g, '$1‹address›');
}

function maskQuery(_whole: string, query: string): string {
  const end = endOfQuery(query);
  const pairs = query.slice(0, end).split('&').map(maskPair);
  return `?${pairs.join('&')}${query.slice(end)}`;
}

/** Quotes and brackets at the end belong to the text around the address. */
function endOfQuery(query: string): number {
  let end = query.length;
  while (end > 0 && `"')]}>,.`.includes(query[end - 1]!)) end -= 1;
  return end;
}

function maskPair(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0 || equals === pair.length - 1) return pair;
  const name = nameOf(pair.slice(0, equals));
  if (harmless.includes(name) && /^[\w.%-]*$/.test(pair.slice(equals + 1))) return pair;
  return `${pair.slice(0, equals)}=${placeholderOf.get(name) ?? '‹value›'}`;
}

/** Names may come encoded: `participant%5Flabel`. */
function nameOf(text: string): string {
  try {
    return decodeURIComponent(text.slice(0, 200)).toLowerCase();
  } catch {
    return text.toLowerCase();
  }
}

/** In Python's ways to print headers: one by one, as a dictionary, and as pairs of bytes. */
function maskHeaders(line: string): string {
  return line.replace(quotedHeader, '$1$2$3‹value›').replace(plainHeader, '$1$2‹value›');
}

/** Values of a database's error. SQL has them as quoted texts, and psycopg2 cuts long lines on the left. */
function maskStatement(line: string): string {
  const masked = line
    .replace(/(\[parameters: ).*/, '$1‹values›]')
    .replace(/(\bFailing row contains \().*/, '$1‹values›).')
    .replace(/(\binvalid input syntax for [\w ]{1,60}: )".*/, '$1‹value›')
    .replace(/(\bKey \([^()]{1,200}\)=\().*?(?=\) |\)$|$)/g, '$1‹values›');
  if (/^LINE \d{1,6}: \.\.\..*'/.test(masked)) return masked.replace(/\.\.\..*/, '...‹values›');
  const isSql = /\bSTATEMENT: |^LINE \d{1,6}: |^\t/.test(masked);
  return isSql ? masked.replace(/'(?:[^']|'')*'?/g, "'‹value›'") : masked;
}

/** What stands beside its name: `participant_code='…'`, `{"label": "…"}`, `session_abcdefgh_participant`. */
function maskNames(line: string): string {
  return line
    .replace(/\b(session_[a-z0-9]{8}_participant['"]?\s?[=:]\s?['"]?)[a-z0-9]{8}\b/g, '$1‹participant›')
    .replace(/\b(\w{4,40})((?:_1)?['"]?\s{0,2}[=:]\s{0,2})(['"])((?:\\.|(?!\3)[^\\]){1,300})\3/g, maskNamed)
    .replace(/\b(participant_code\s?[=:](?!=)\s?)[^\s'"‹]+/g, '$1‹participant›')
    .replace(/\b(participant_label\s?[=:](?!=)\s?)[^\s'"‹]+/g, '$1‹label›');
}

function maskNamed(whole: string, name: string, between: string, quote: string): string {
  const known = name.replace(/_1$/, '').toLowerCase();
  const placeholder = known === 'channel' || known === 'nickname' ? undefined : placeholderOf.get(known);
  return placeholder === undefined ? whole : `${name}${between}${quote}${placeholder}${quote}`;
}

/** oTree's own sentences, and its names of websocket groups; there a code is always 8 of a-z and 0-9. */
function maskSentences(line: string): string {
  return line
    .replace(/(\bParticipant not found: )\S+/, '$1‹participant›')
    .replace(/(\bIgnoring liveSend message from )\S+/, '$1‹participant›')
    .replace(/\b(live-[a-z0-9]{8}-\d{1,6}-)[a-z0-9]{8}\b/g, '$1‹participant›')
    .replace(/\b(auto-advance-)[a-z0-9]{8}\b/g, '$1‹participant›')
    .replace(/\b(trial-)[a-z0-9]{8}(?=-\d)/g, '$1‹participant›');
}
