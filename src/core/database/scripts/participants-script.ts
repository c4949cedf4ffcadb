import { inWebContainer, probeAddress } from '../../swarm/scripts.ts';

/*
 * The scripts that look for people in a session. They only read, and only numbers and socket addresses of the study's
 * own network leave them.
 */

/**
 * Columns differ between versions of oTree. `missing` gives those that a version may lack: a name without a table before
 * it means the column of otree_participant where there is one, else the column of `missing`.
 * Errors are told by their code alone: their text may quote what stands in a row.
 * A study of one page has no last page to linger on: whoever is there counts as on a page.
 */
const countParticipants = `
\\set VERBOSITY sqlstate
SELECT to_regclass('public.otree_participant') IS NOT NULL AS there \\gset
\\if :there
WITH missing AS (
  SELECT '' AS status, false AS _waitpage_is_connected, false AS _gbat_is_connected
), clock AS (
  SELECT floor(extract(epoch FROM now()))::bigint AS now
), timeout AS (
  SELECT substring(kwargs_json FROM '"participant_code": *"([^"]+)"') AS code,
         substring(kwargs_json FROM '"page_index": *([0-9]{1,9})')::int AS page,
         max(epoch_time) AS due
    FROM public.otree_taskqueuemessage, clock
   WHERE method = 'submit_expired_url' AND epoch_time > now - 60
   GROUP BY 1, 2
), person AS (
  SELECT seen.*, timeout.due,
         seen.moved > now - :idle OR timeout.due IS NOT NULL AS is_active,
         seen.page = seen.last AND seen.last > 1 AS is_on_last_page,
         seen.is_bot OR seen.status <> '' OR coalesce(session.is_demo, false) AS is_apart
    FROM clock, missing, LATERAL (
      SELECT session_id, code, coalesce(_index_in_pages, 0) AS page, coalesce(_max_page_index, 0) AS last,
             greatest(_last_request_timestamp, _last_page_timestamp, 0) AS moved,
             coalesce(is_on_wait_page, false) AS is_waiting,
             coalesce(_waitpage_is_connected, false) OR coalesce(_gbat_is_connected, false) AS is_connected,
             coalesce(_is_bot, false) OR coalesce(is_browser_bot, false) AS is_bot,
             coalesce(status, '') AS status
        FROM public.otree_participant
       WHERE visited
    ) AS seen
    LEFT JOIN public.otree_session session ON session.id = seen.session_id
    LEFT JOIN timeout ON timeout.code = seen.code AND timeout.page = seen.page
   WHERE seen.page <= seen.last AND (seen.moved > now - greatest(86400, :idle) OR timeout.due IS NOT NULL)
), told AS (
  SELECT moved, due, CASE
           WHEN is_apart THEN 'apart'
           WHEN is_on_last_page AND is_active THEN 'lastPage'
           WHEN is_on_last_page THEN 'lastPageSilent'
           WHEN is_active AND is_waiting THEN 'waiting'
           WHEN is_active THEN 'onPage'
           WHEN is_waiting AND is_connected THEN 'waitingConnected'
           ELSE 'silent'
         END AS kind
    FROM person
)
SELECT 'oforest-result ' || json_build_object(
         'now', now, 'tables', true,
         'onPage', count(*) FILTER (WHERE kind = 'onPage'),
         'waiting', count(*) FILTER (WHERE kind = 'waiting'),
         'waitingConnected', count(*) FILTER (WHERE kind = 'waitingConnected'),
         'lastPage', count(*) FILTER (WHERE kind = 'lastPage'),
         'lastPageSilent', count(*) FILTER (WHERE kind = 'lastPageSilent'),
         'silent', count(*) FILTER (WHERE kind = 'silent'),
         'apart', count(*) FILTER (WHERE kind = 'apart'),
         'newestMoveSeconds', min(greatest(now - moved, 0)) FILTER (WHERE kind IN ('onPage', 'waiting')),
         'longestTimeoutSeconds', max(greatest(due - now, 0))
           FILTER (WHERE kind IN ('onPage', 'waiting') AND due IS NOT NULL))
  FROM clock LEFT JOIN told ON true
 GROUP BY now;
\\else
SELECT 'oforest-result ' || json_build_object(
         'now', floor(extract(epoch FROM now()))::bigint, 'tables', false, 'onPage', 0, 'waiting', 0,
         'waitingConnected', 0, 'lastPage', 0, 'lastPageSilent', 0, 'silent', 0, 'apart', 0,
         'newestMoveSeconds', NULL, 'longestTimeoutSeconds', NULL);
\\endif
`.trim();

/** Debian's `psql` on the path is a Perl script that looks for the real one: 54 ms instead of 12 (measured). */
const participants = `
# oforest-script: participants
set -eu
for psql in /usr/lib/postgresql/*/bin/psql psql; do if [ -x "$psql" ]; then break; fi; done
export PGCONNECT_TIMEOUT=5
export PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=10000 -c lock_timeout=3000 -c search_path=pg_catalog'
exec "$psql" -X -A -t -q -v ON_ERROR_STOP=1 -v "idle=$2" -U study -d "$1" <<'SQL'
${countParticipants}
SQL
`.trim();

/**
 * /proc/net/tcp has, per connection: number, local and remote address as HEX:PORT, state (01 is established) and more.
 * Our own health check and oTree's time-out process come from the loopback address and are left out.
 * So is a connection that nothing ever came over, because nobody holds a page by it. Linux gives it ato 0, the 14th column
 * (get_tcp4_sock in net/ipv4/tcp_ipv4.c): the first byte that comes in sets it, and nothing sets it back.
 */
const openPages = `
# oforest-script: open-pages
set -euf
port=$(printf '%04X' "$1")
table=$(cat /proc/net/tcp; if [ -r /proc/net/tcp6 ]; then cat /proc/net/tcp6; fi)
found=
IFS='
'
for line in $table; do
  IFS=' '
  set -- $line
  case "$2 $4 $3 \${14-}" in
    *":$port 01 "*' 0') ;;
    *":$port 01 "??????7F:* | *":$port 01 0000000000000000FFFF0000"??????7F:*) ;;
    *":$port 01 00000000000000000000000001000000:"*) ;;
    *":$port 01 "*) found="$found\${found:+,}\\"$3\\"" ;;
  esac
done
echo "oforest-result {\\"connections\\":[$found]}"
`.trim();

/**
 * oTree keeps who waits in a room in memory and tells the page that its admins see. We log in as the admin, read the
 * first message of that page's websocket for every room without a session, and print how many wait in all.
 */
const askRooms = String.raw`
import base64, http.cookiejar, json, os, re, socket, struct, sys, urllib.parse, urllib.request
port = int(os.environ["PORT"])
base = "http://127.0.0.1:%d" % port
jar = http.cookiejar.CookieJar()
web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
web.addheaders = [("X-Forwarded-For", "${probeAddress}")]
def ask(path, headers={}, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with web.open(urllib.request.Request(base + path, data=data, headers=headers), timeout=15) as answer:
        return answer.read().decode()
rooms = json.loads(ask("/api/rooms", {"otree-rest-key": os.environ["OTREE_REST_KEY"]}))
names = [room["name"] for room in rooms if not room["session_code"]]
waiting = 0
if names:
    sys.path.insert(0, os.getcwd())
    try:
        import settings
        user = getattr(settings, "ADMIN_USERNAME", "admin")
    except BaseException:
        user = "admin"
    token = re.search("csrftoken[^>]*value=.([-.\\w]+)", ask("/login"))
    ask("/login", form={"username": user, "password": os.environ["OTREE_ADMIN_PASSWORD"],
                        "csrftoken": token.group(1) if token else ""})
    cookies = "; ".join("%s=%s" % (cookie.name, cookie.value) for cookie in jar)
for name in names:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as wire:
        wire.sendall(("GET /room_without_session/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nCookie: %s\r\n\r\n"
                      % (name, port, base64.b64encode(os.urandom(16)).decode(), cookies)).encode())
        stream = wire.makefile("rb")
        if b" 101 " not in stream.readline():
            sys.exit("oTree does not open the admin page of a room")
        while stream.readline().strip():
            pass
        kind, length = stream.read(2)
        if kind != 0x81:
            sys.exit("oTree closes the admin page of a room")
        if length > 125:
            length = struct.unpack(">H" if length == 126 else ">Q", stream.read(2 if length == 126 else 8))[0]
        message = json.loads(stream.read(length))
        waiting += max(message["present_count"], 0) if "present_count" in message else len(message["present_labels"])
print("oforest-result " + json.dumps({"waiting": waiting}))
`.trim();

/** In the database's container, as the study's own role; prints `ParticipantCounts`. */
export function participantsScript(database: string, idleSeconds: number): readonly string[] {
  return ['/bin/sh', '-c', participants, 'oforest', database, String(idleSeconds)];
}

/** In web's container; prints `OpenPages`. Needs nothing of an image but `sh` and `cat`. */
export function openPagesScript(port: number): readonly string[] {
  return ['/bin/sh', '-c', openPages, 'oforest', String(port)];
}

/** In web's container; prints `RoomPresence`. */
export function roomPresenceScript(): readonly string[] {
  return inWebContainer('room-presence', askRooms);
}
