import type { Database } from '../database/database.ts';
import { PostgresError } from '../database/postgres-error.ts';
import type { Visit } from './otree-http.ts';
import type { Study } from './otree-study.ts';
import { storedSessions } from './postgres-scripts.ts';
import type { Outcome } from './program.ts';

/** A study that runs, seen from inside its container. */
export interface FromInside {
  readonly study: Study;
  readonly port: number;
  readonly adminPassword: string;
  readonly restKey: string;
  /** When it begins, or began, to listen; undefined: never. */
  listensAt(): number | undefined;
  now(): number;
  workerIsAlive(): boolean;
  /** Connections from outside that are open: their peers, and the path where one is a websocket. */
  connections(): readonly { peer: string; path: string | undefined }[];
  /** Another database of the study's. Throws a PostgresError. */
  openDatabase(name: string): Database;
  /** A request over the loopback device, with its line in the log after so long. */
  ask(path: string, headers: Visit['headers'], afterMs: number): { status: number; body: string };
}

export const scriptIn = (words: readonly string[]): string | undefined =>
  words.map((word) => /^# oforest-script: (\S+)$/m.exec(word)?.[1]).find(Boolean);

const startPythonMs = 60;
const patienceMs = 10_000;

/** `webHealthScript`, with the path and the port as its last words; `delayMs`: it has found it healthy before. */
export function webHealth(study: FromInside, words: readonly string[], delayMs: number): Outcome & { afterMs: number } {
  const [path = '/', portText = ''] = words.slice(-2);
  const asksAt = delayMs + startPythonMs;
  const listensAt = study.port === Number(portText) ? study.listensAt() : undefined;
  const waitMs = (listensAt ?? Number.POSITIVE_INFINITY) - study.now();
  if (waitMs > asksAt + patienceMs)
    return failed(`no answer on port ${portText}: [Errno 111] Connection refused`, asksAt + patienceMs);
  const afterMs = Math.max(asksAt, waitMs + 10);
  const { status } = study.ask(path, { 'x-forwarded-for': 'oforest-probe', host: `127.0.0.1:${portText}` }, afterMs);
  if (status >= 500) return failed(`${path} answers ${status}`, afterMs);
  if (!study.workerIsAlive())
    return failed("oTree's timeoutsubprocess has died: page time-outs would not fire", afterMs);
  return { exitCode: 0, stdout: '', stderr: '', afterMs };
}

const failed = (says: string, afterMs: number) => ({ exitCode: 1, stdout: '', stderr: `${says}\n`, afterMs });

/** The scripts that are run beside the study; anything else is not there. */
export function execScript(study: FromInside, words: readonly string[]): Outcome {
  switch (scriptIn(words)) {
    case 'admin-login':
      return result({ user: 'admin', password: study.adminPassword });
    case 'keep-page-times': {
      const { problem } = get(study, 'export_page_times');
      return problem ?? { exitCode: 0, stdout: '', stderr: '' };
    }
    case 'links': {
      const [rooms, sessions] = [get(study, 'rooms'), get(study, 'sessions')];
      return (
        rooms.problem ??
        sessions.problem ??
        result({ rooms: JSON.parse(rooms.body), sessions: JSON.parse(sessions.body) })
      );
    }
    case 'open-pages':
      return result({
        connections: study.port === Number(words[4]) ? study.connections().map(({ peer }) => peer) : [],
      });
    case 'room-presence': {
      const waits = study.connections().filter(({ path }) => path?.startsWith('/wait_for_session_in_room'));
      return get(study, 'rooms').problem ?? result({ waiting: waits.length });
    }
    case 'pages':
      return pages(study, words[4] ?? '');
    default:
      return { exitCode: 127, stdout: '', stderr: `exec: "${words[0] ?? ''}": executable file not found in $PATH\n` };
  }
}

/** What the image shows, and, with a database named, what its unfinished sessions were made with. */
function pages({ study, openDatabase }: FromInside, database: string): Outcome {
  const named = study.sessionConfigs.flatMap(({ apps }) => apps);
  const apps = study.apps.filter(({ name }) => named.includes(name));
  try {
    return result({
      otree: study.version,
      configs: Object.fromEntries(study.sessionConfigs.map((config) => [config.name, config.apps])),
      apps: Object.fromEntries(
        apps.map((app) => [app.name, { rounds: app.rounds ?? 1, pages: app.pages.map(({ name }) => name) }]),
      ),
      sessions: database === '' ? {} : storedSessions(openDatabase(database)),
    });
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return traceback(`psycopg2.OperationalError: ${error.message}`);
  }
}

function result(value: unknown): Outcome {
  return { exitCode: 0, stdout: `oforest-result ${JSON.stringify(value)}\n`, stderr: '' };
}

const reasons: Readonly<Record<number, string>> = { 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' };

/** Python's urllib asks the REST API. */
function get(study: FromInside, name: string): { body: string; problem: Outcome | undefined } {
  const listensAt = study.listensAt();
  if (listensAt === undefined || listensAt > study.now())
    return { body: '', problem: traceback('urllib.error.URLError: <urlopen error [Errno 111] Connection refused>') };
  const headers = { host: `127.0.0.1:${study.port}`, 'otree-rest-key': study.restKey };
  const { status, body } = study.ask(`/api/${name}`, headers, 0);
  if (status < 400) return { body, problem: undefined };
  return { body, problem: traceback(`urllib.error.HTTPError: HTTP Error ${status}: ${reasons[status] ?? ''}`) };
}

function traceback(word: string): Outcome {
  const lines = ['Traceback (most recent call last):', '  File "<stdin>", line 6, in <module>', word];
  return { exitCode: 1, stdout: '', stderr: `${lines.join('\n')}\n` };
}
