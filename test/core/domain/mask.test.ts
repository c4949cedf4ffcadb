import { describe, expect, it } from 'vitest';
import { maskParticipants } from '../../../src/core/domain/mask.ts';
import { hostileValues } from '../../support/hostile.ts';
import { texts } from './generate.ts';

const code = 'k3x9q0ab';

describe('a line of oTree without its participants', () => {
  it.each([
    [
      `INFO:     192.0.2.7:51234 - "GET /p/${code}/trust/Send/3 HTTP/1.1" 200 OK`,
      'INFO:     ‹address› - "GET /p/‹participant›/trust/Send/3 HTTP/1.1" 200 OK',
    ],
    [
      `INFO:     2001:db8::7:51234 - "GET /InitializeParticipant/${code} HTTP/1.1" 302 Found`,
      'INFO:     ‹address› - "GET /InitializeParticipant/‹participant› HTTP/1.1" 302 Found',
    ],
    [
      `INFO:     :0 - "GET /OutOfRangeNotification/${code} HTTP/1.1" 200 OK`,
      'INFO:     :0 - "GET /OutOfRangeNotification/‹participant› HTTP/1.1" 200 OK',
    ],
    [
      `INFO:     anna:0 - "GET /InitializeParticipant/${code}?participant_label=Anna HTTP/1.1" 200 OK`,
      'INFO:     ‹address› - "GET /InitializeParticipant/‹participant›?participant_label=‹label› HTTP/1.1" 200 OK',
    ],
    [
      'INFO:     10.0.1.4:4 - "GET /join/bafemiko?participant_label=Anna%20M HTTP/1.1" 307 Temporary Redirect',
      'INFO:     ‹address› - "GET /join/‹code›?participant_label=‹label› HTTP/1.1" 307 Temporary Redirect',
    ],
    [
      `INFO:     10.0.1.4:4 - "GET /room/econ?participant_label=O'Brien&hash=1a2b3c4d&welcome_page_ok=1 HTTP/1.1" 200 OK`,
      'INFO:     ‹address› - "GET /room/econ?participant_label=‹label›&hash=‹hash›&welcome_page_ok=1 HTTP/1.1" 200 OK',
    ],
    [
      'INFO:     10.0.1.4:4 - "GET /room/econ?PROLIFIC_PID=5f1&participant%5Flabel=Anna HTTP/1.1" 200 OK',
      'INFO:     ‹address› - "GET /room/econ?PROLIFIC_PID=‹value›&participant%5Flabel=‹label› HTTP/1.1" 200 OK',
    ],
    [
      'INFO:     10.0.1.4:4 - "GET /MTurkStart/abcdefgh?assignmentId=3X&workerId=A1B2&hitId=9 HTTP/1.1" 200 OK',
      'INFO:     ‹address› - "GET /MTurkStart/abcdefgh?assignmentId=‹worker›&workerId=‹worker›&hitId=‹value› HTTP/1.1" 200 OK',
    ],
    [
      'INFO:     10.0.1.4:4 - "GET /ExportSessionWide/abcdefgh?token=1a2b3c4d&excel=1 HTTP/1.1" 200 OK',
      'INFO:     ‹address› - "GET /ExportSessionWide/abcdefgh?token=‹token›&excel=1 HTTP/1.1" 200 OK',
    ],
    [
      `INFO:     10.0.1.4:4 - "POST /api/participant_vars/${code} HTTP/1.1" 200 OK`,
      'INFO:     ‹address› - "POST /api/participant_vars/‹participant› HTTP/1.1" 200 OK',
    ],
    [
      `INFO:     ('10.0.1.4', 51234) - "WebSocket /live" [accepted]`,
      'INFO:     ‹address› - "WebSocket /live" [accepted]',
    ],
    [
      `INFO:     10.0.1.4:5 - "WebSocket /live?participant_code=${code}&page_name=Send&page_index=3&session_code=abcdefgh" [accepted]`,
      'INFO:     ‹address› - "WebSocket /live?participant_code=‹participant›&page_name=Send&page_index=3&session_code=abcdefgh" [accepted]',
    ],
    [
      '"WebSocket /wait_page?session_pk=1&page_index=2&participant_id=17&group_id=4" [accepted]',
      '"WebSocket /wait_page?session_pk=1&page_index=2&participant_id=‹participant›&group_id=4" [accepted]',
    ],
    [
      '"WebSocket /group_by_arrival_time?session_pk=1&page_index=2&app_name=trust&participant_id=17&player_id=19" 403',
      '"WebSocket /group_by_arrival_time?session_pk=1&page_index=2&app_name=trust&participant_id=‹participant›&player_id=‹participant›" 403',
    ],
    [
      '"WebSocket /chat?channel=1-trust-4%3Aabc&participant_id=17%3Axyz" [accepted]',
      '"WebSocket /chat?channel=‹token›&participant_id=‹participant›" [accepted]',
    ],
    [
      '"WebSocket /wait_for_session_in_room?room_name=econ&participant_label=Anna&tab_unique_id=babebibo" [accepted]',
      '"WebSocket /wait_for_session_in_room?room_name=econ&participant_label=‹label›&tab_unique_id=babebibo" [accepted]',
    ],
    [
      `Auto-submitting timed out page: /p/${code}/trust/Send/3`,
      'Auto-submitting timed out page: /p/‹participant›/trust/Send/3',
    ],
    [
      `Exception: Error occurred when opening http://127.0.0.1:8000/p/${code}/trust/Send/3: URLError('timed out')`,
      `Exception: Error occurred when opening http://127.0.0.1:8000/p/‹participant›/trust/Send/3: URLError('timed out')`,
    ],
    [`"GET /login?next=%2Fp%2F${code}%2Ftrust HTTP/1.1"`, '"GET /login?next=‹value› HTTP/1.1"'],
    [`redirect %2Fp%2F${code}%2Ftrust`, 'redirect %2Fp%2F‹participant›%2Ftrust'],
    [`[parameters: {'code_1': '${code}', 'param_1': 1}]`, '[parameters: ‹values›]'],
    [
      'DETAIL:  Key (code, label)=(k3x9q0ab, Anna (M)) already exists.',
      'DETAIL:  Key (code, label)=(‹values›) already exists.',
    ],
    [
      `KeyError in get(participant_code='${code}', page=3)`,
      "KeyError in get(participant_code='‹participant›', page=3)",
    ],
    [`{'participant_label': 'Anna M', 'room': 'econ'}`, "{'participant_label': '‹label›', 'room': 'econ'}"],
    [`group live-abcdefgh-3-${code} is gone`, 'group live-abcdefgh-3-‹participant› is gone'],
    [`group auto-advance-${code} is gone`, 'group auto-advance-‹participant› is gone'],
    [`group trial-${code}-3 is gone`, 'group trial-‹participant›-3 is gone'],
    [`WARNING:  Participant not found: ${code}`, 'WARNING:  Participant not found: ‹participant›'],
    [
      `WARNING:  Ignoring liveSend message from ${code} because they are on page A, not B.`,
      'WARNING:  Ignoring liveSend message from ‹participant› because they are on page A, not B.',
    ],
    [
      `"GET /room/econ?participant_label=Who?Anna HTTP/1.1" 200`,
      '"GET /room/econ?participant_label=‹label› HTTP/1.1" 200',
    ],
    [
      `"GET /live?page_index=1;participant_label=Anna&page_name=A?Anna HTTP/1.1"`,
      '"GET /live?page_index=‹value›&page_name=‹value› HTTP/1.1"',
    ],
    [`"GET //p//${code}/trust HTTP/1.1" 404`, '"GET //p//‹participant›/trust HTTP/1.1" 404'],
    ['Cookie: session=eyJh.X.Y; csrftoken=1a2b', 'Cookie: ‹value›'],
    [
      `{'cookie': 'session=eyJh', 'host': 'a', 'otree-rest-key': "k'1", 'x-forwarded-for': '192.0.2.7'}`,
      `{'cookie': '‹value›', 'host': 'a', 'otree-rest-key': "‹value›", 'x-forwarded-for': '‹value›'}`,
    ],
    [`(b'cookie', b'session=eyJh'), (b'host', b'a')`, `(b'cookie', b'‹value›'), (b'host', b'a')`],
    [`{'session_abcdefgh_participant': '${code}'}`, `{'session_abcdefgh_participant': '‹participant›'}`],
    [String.raw`{"participant_label": "An\"na", "room": 1}`, '{"participant_label": "‹label›", "room": 1}'],
    ['participant_label=Anna is unknown', 'participant_label=‹label› is unknown'],
    ['DETAIL:  Failing row contains (1, null, Anna (M), 3).', 'DETAIL:  Failing row contains (‹values›).'],
    [
      'ERROR:  invalid input syntax for type integer: "Anna" at character 7',
      'ERROR:  invalid input syntax for type integer: ‹value›',
    ],
    [
      `2026-03-01 08:00:00 UTC [5] STATEMENT:  INSERT INTO otree_chatmessage (nickname, body) VALUES ('Anna', 'it''s me')`,
      `2026-03-01 08:00:00 UTC [5] STATEMENT:  INSERT INTO otree_chatmessage (nickname, body) VALUES ('‹value›', '‹value›')`,
    ],
    [
      `\tWHERE label IN ('Anna', 'Ben') AND code = '${code}'`,
      `\tWHERE label IN ('‹value›', '‹value›') AND code = '‹participant›'`,
    ],
    [`LINE 1: UPDATE otree_participant SET vars='Anna`, `LINE 1: UPDATE otree_participant SET vars='‹value›'`],
    [`LINE 1: ...nna', payoff='1' WHERE id = 3`, 'LINE 1: ...‹values›'],
  ])('turns %s into %s', (line, masked) => {
    expect(maskParticipants(line)).toBe(masked);
    expect(maskParticipants(masked)).toBe(masked);
  });

  it.each([
    'INFO:     Started server process [1]',
    'INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)',
    'timeoutworker is listening for messages through DB',
    "ModuleNotFoundError: No module named 'numpy'",
    '  File "/app/trust/__init__.py", line 12, in creating_session',
    "AttributeError: 'Player' object has no attribute 'label'",
    'Is it well? Yes.',
    'GET /static/otree/js/page.js HTTP/1.1',
    'Created session with code abcdefgh',
    'sqlalchemy.exc.OperationalError: connection to server at "db" (10.0.3.2), port 5432 failed',
    'LINE 1: SELECT trust_player.offer FROM trust_player',
    'ERROR:  column "offer" of relation "trust_player" does not exist at character 8',
    'psycopg2.errors.UndefinedColumn: column trust_player.offer does not exist',
    'The cookie is missing',
    "    if participant_label == 'Anna':",
    '',
  ])('leaves "%s" as it is', (line) => {
    expect(maskParticipants(line)).toBe(line);
  });

  it('shows no code and no label, wherever they stand in the address', () => {
    const [label, secret] = ['Zoë%2FAnna+M', '1a2b3c4d'];
    const prefixes = ['', 'https://my-exp.lab.example.edu', 'http://127.0.0.1:8000', '"GET ', "'", '(', '%2Fx'];
    const addresses = [
      `/p/${code}`,
      `/p/${code}/`,
      `/p/%20${code}`,
      `/p/${code}?x=1`,
      `/P/${code}/a/B/1#x`,
      `/InitializeParticipant/${code}?participant_label=${label}`,
      `/OutOfRangeNotification/${code}&x`,
      `/join/${secret}/`,
      `/room/a?hash=${secret}&participant_label=${label}&participant_label=${label}`,
      `/live?participant_code=${code}`,
      `/trial?page_name=A&participant_code=${code}`,
      `/auto_advance?participant_code=${code}&page_index=1`,
    ];
    for (const prefix of prefixes)
      for (const address of addresses)
        for (const end of ['', '"', "')", ' HTTP/1.1"', ',', '/']) {
          const masked = maskParticipants(`${prefix}${address}${end}`);
          expect(masked).not.toContain(code);
          expect(masked).not.toContain(secret);
          expect(masked).not.toContain('Anna');
        }
  });

  it('changes nothing the second time, whatever the line holds', () => {
    const alphabet = [
      '/p/',
      '/join/',
      '?',
      '&',
      '=',
      'hash',
      'label',
      "'",
      '"',
      ' - "',
      '%2F',
      '%',
      'INFO: ',
      'a',
      ' ',
      '1.2.3.4:5',
      '(',
      '[parameters: ',
      'Key (a)=(',
      ')',
      ']',
      '‹',
      '//',
      ';',
      '\t',
      'STATEMENT: ',
      'LINE 1: ',
      '...',
      'cookie',
      ': ',
      '\\',
      'participant_label',
      'Participant not found: ',
      'Failing row contains (',
    ];
    for (const line of [...hostileValues, ...texts(alphabet, { count: 20_000, maxLength: 14 })]) {
      const masked = maskParticipants(line);
      expect(maskParticipants(masked), JSON.stringify(line.slice(0, 100))).toBe(masked);
    }
  });

  it('takes a line of 100 kB at once', () => {
    const pieces = [
      '/p/',
      '/p/a',
      '?',
      '?a=b',
      '&',
      '?a&',
      'code=',
      "code='",
      '%2F',
      '%',
      '[parameters: ',
      'Key (',
      'Key (a)=(',
      'INFO: ',
      '1.',
      '1.2.3.4',
      "('a', 1",
      ')',
      '"',
      'a',
      ' ',
      'live-',
      '/join/%',
      '/',
      '/p//',
      '%2F%2F',
      "cookie': '",
      'cookie: ',
      "participant_label='",
      'participant_label=',
      "\tx = '",
      "STATEMENT: '",
      "''",
      'Failing row contains (',
      'Participant not found: ',
    ];
    for (const piece of pieces) {
      const start = performance.now();
      maskParticipants(piece.repeat(100_000 / piece.length));
      expect(performance.now() - start, piece).toBeLessThan(500);
    }
  });
});
