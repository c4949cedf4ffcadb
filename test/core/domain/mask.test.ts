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
    ];
    for (const piece of pieces) {
      const start = performance.now();
      maskParticipants(piece.repeat(100_000 / piece.length));
      expect(performance.now() - start, piece).toBeLessThan(500);
    }
  });
});
