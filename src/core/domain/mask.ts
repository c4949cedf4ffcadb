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

/** `(/p/)code`, also with the slash encoded; the piece after it ends where a path does. */
const paths: readonly [path: RegExp, placeholder: string][] = [
  [after('p|InitializeParticipant|OutOfRangeNotification|api/participant_vars'), '‹participant›'],
  [after('join'), '‹code›'],
];

/**
 * A line of a log without what leads to a participant: codes, labels, hashes, join codes, tokens, workers' ids, visitors'
 * addresses, and the values of a database error. The rest stays. Masking twice changes nothing; the time is linear.
 *
 * It knows what oTree itself writes; what a study prints of its own accord is not found.
 */
export function maskParticipants(line: string): string {
  let masked = maskAddress(line);
  for (const [path, placeholder] of paths) masked = masked.replace(path, `$1${placeholder}`);
  return maskGroups(maskValues(masked.replace(/\?([^\s?]+)/g, maskQuery)));
}

function after(names: string): RegExp {
  const slash = '(?:/|%2F)';
  return new RegExp(`(${slash}(?:${names.replaceAll('/', slash)})${slash})(?:[^\\s/?#"'<>%]|%(?!2F))+`, 'gi');
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
  return harmless.includes(name) ? pair : `${pair.slice(0, equals)}=${placeholderOf.get(name) ?? '‹value›'}`;
}

/** Names may come encoded: `participant%5Flabel`. */
function nameOf(text: string): string {
  try {
    return decodeURIComponent(text.slice(0, 200)).toLowerCase();
  } catch {
    return text.toLowerCase();
  }
}

/** Values in Python's and Postgres' errors: `participant_code='…'`, `[parameters: {…}]`, `Key (label)=(…)`. */
function maskValues(line: string): string {
  return line
    .replace(/(\[parameters: ).*/, '$1‹values›]')
    .replace(/(\bKey \([^()]{1,200}\)=\().*?(?=\) |\)$|$)/g, '$1‹values›')
    .replace(/\b(\w{4,40})((?:_1)?['"]?\s{0,2}[=:]\s{0,2})(['"])((?:(?!\3).){1,300})\3/g, maskNamed);
}

function maskNamed(whole: string, name: string, between: string, quote: string): string {
  const known = name.replace(/_1$/, '').toLowerCase();
  const placeholder = known === 'channel' || known === 'nickname' ? undefined : placeholderOf.get(known);
  return placeholder === undefined ? whole : `${name}${between}${quote}${placeholder}${quote}`;
}

/** Names of websocket groups hold a participant's code, which is always 8 of a-z and 0-9. */
function maskGroups(line: string): string {
  return line
    .replace(/\b(live-[a-z0-9]{8}-\d{1,6}-)[a-z0-9]{8}\b/g, '$1‹participant›')
    .replace(/\b(auto-advance-)[a-z0-9]{8}\b/g, '$1‹participant›')
    .replace(/\b(trial-)[a-z0-9]{8}(?=-\d)/g, '$1‹participant›');
}
