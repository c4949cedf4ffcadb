import type { Database } from '../database/database.ts';
import { PostgresError } from '../database/postgres-error.ts';
import { openConnection } from './otree-connection.ts';
import { crashOf, operationalError, took } from './otree-crashes.ts';
import { type Answer, accessLine, httpDoor, type Visit, visitOf } from './otree-http.ts';
import type { Site } from './otree-route.ts';
import { execScript, type FromInside, scriptIn, webHealth } from './otree-scripts.ts';
import { answerVisit } from './otree-site.ts';
import { socketAt } from './otree-sockets.ts';
import type { Study } from './otree-study.ts';
import { createMissingTables } from './otree-tables.ts';
import { timeoutWorker } from './otree-timeouts.ts';
import type { Container, Running } from './program.ts';

const stopMs = 500;
/** Once it was healthy our probe waits so long before it looks. */
const healthyPauseMs = 20_000;

/**
 * Why a container ended, where dockerd knows more than the exit code: what `State.Error` and `State.OOMKilled` of its
 * inspection are to say.
 */
export interface Ended {
  readonly startError?: string;
  readonly oomKilled?: boolean;
}

/** The life of `otree prodserver` behind our entry script, from the shell's first line to uvicorn's last. */
export function serveStudy(study: Study, container: Container): Running & Ended {
  const { timeline, variables } = container;
  const { fault } = study;
  const startedAt = timeline.now();
  const port = Number(variables.get('PORT') ?? 8000);
  let state: 'starting' | 'listening' | 'stopping' | 'ended' = 'starting';
  let wasFoundHealthy = container.resumed;
  let oomKilled = false;

  const plans = new Set<() => void>();
  const later = (ms: number, act: () => void) => {
    const cancel = timeline.after(ms, () => {
      plans.delete(cancel);
      if (state !== 'ended') act();
    });
    plans.add(cancel);
  };
  const printErrors = (lines: readonly string[]) => {
    for (const line of lines) container.print(line, 'stderr');
  };

  const secret = (name: string) => container.files.get(`/run/secrets/${name}`)?.toString() ?? variables.get(name) ?? '';
  const adminPassword = secret('OTREE_ADMIN_PASSWORD');
  const connection = openConnection(container, secret('DATABASE_PASSWORD'), () => worker.die());
  const site: Site = {
    study,
    authLevel: fault === 'auth-level-open' ? '' : (variables.get('OTREE_AUTH_LEVEL') ?? ''),
    adminPassword: fault === 'admin-password-fixed' ? 'fixed-in-settings' : adminPassword,
    restKey: secret('OTREE_REST_KEY'),
    pageTimes: [],
    database: () => connection.use().database,
    now: () => Math.floor(timeline.now() / 1000),
    random: (length) => container.random(length),
    timeLimitSet: () => worker.look(),
    logError: printErrors,
  };
  const worker = timeoutWorker(site, timeline);
  const http = httpDoor({
    cookieKey: `${secret('OTREE_SECRET_KEY')}:${site.adminPassword}`,
    now: () => timeline.now(),
    answer: (visit): Answer => answerVisit(site, visit),
    socket: (visit) => socketAt(site, visit),
    log: (line) => container.print(line),
    touch: () => timeline.touch?.(),
  });
  const inside: FromInside = {
    study,
    port,
    adminPassword,
    restKey: site.restKey,
    listensAt() {
      if (state === 'listening') return startedAt;
      return state === 'starting' && fault !== 'never-healthy' ? startedAt + took.listen : undefined;
    },
    now: () => timeline.now(),
    workerIsAlive: () => worker.isAlive,
    connections: () => http.connections(),
    openDatabase: (name) => connection.look(name),
    ask(path: string, headers: Visit['headers'], afterMs: number) {
      const answer = answerVisit(site, { ...visitOf('GET', path, headers), cookie: {} });
      later(afterMs, () => container.print(accessLine({ method: 'GET', url: path, headers, status: answer.status })));
      return answer;
    },
  };

  const orCrash = (act: () => void) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      printErrors(operationalError(error.message));
      container.exit(1);
    }
  };
  const listen = () => {
    state = 'listening';
    for (const line of startLines(port)) container.print(line);
    orCrash(() => worker.look());
  };
  const start = () => {
    const crash = crashOf(study);
    if (crash)
      later(crash.atMs, () => {
        oomKilled = fault === 'out-of-memory';
        printErrors(crash.lines);
        container.exit(crash.exitCode);
      });
    later(took.prepareDatabase, () => prepareDatabase(site, container));
    if (fault === 'never-healthy') return;
    later(took.createTables, () => orCrash(() => createMissingTables(site.database(), study)));
    later(took.listen, listen);
  };

  if (container.resumed) {
    state = 'listening';
    // Its database may be resumed after it.
    later(0, () => ignoringPostgres(() => worker.look()));
  } else start();

  return {
    accept(toPort, stream) {
      if (state !== 'listening' || toPort !== port) return false;
      http.accept(stream);
      return true;
    },
    probe(test) {
      if (scriptIn(test) !== 'web-health') return { exitCode: 0, stdout: '', stderr: '' };
      const found = webHealth(inside, test, wasFoundHealthy ? healthyPauseMs : 0);
      wasFoundHealthy ||= found.exitCode === 0;
      return found;
    },
    exec: (words) => execScript(inside, words),
    terminate() {
      // Until uvicorn runs nobody handles the signal, and process 1 then ignores it.
      if (state !== 'listening') return;
      state = 'stopping';
      container.print('INFO:     Shutting down');
      later(stopMs, () => {
        for (const line of stopLines) container.print(line);
        container.exit(0);
      });
    },
    end() {
      state = 'ended';
      for (const cancel of plans) cancel();
      http.close();
      worker.die();
      connection.close();
    },
    get oomKilled() {
      return oomKilled;
    },
  };
}

/** What our entry script does before oTree: empty a trial's database, or make overdue page time-outs due now. */
function prepareDatabase(site: Site, container: Container): void {
  const isTrial = Boolean(container.variables.get('OFOREST_TRIAL'));
  const done = ignoringPostgres(() => {
    const database = site.database();
    if (isTrial) database.empty();
    else makeOverdueDue(database, site.now());
  });
  if (!done) container.print('oforest: the database was not prepared: OperationalError');
  if (isTrial) container.print(`oforest: otree ${site.study.version}`);
}

function makeOverdueDue(database: Database, now: number): void {
  for (const message of database.tables.get('otree_taskqueuemessage')?.rows ?? [])
    message.epoch_time = Math.max(Number(message.epoch_time), now);
}

/** False when Postgres refused: whoever needs it later will meet the same error. */
function ignoringPostgres(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return false;
  }
}

const startLines = (port: number) => [
  'Running prodserver',
  'INFO:     Started server process [1]',
  'INFO:     Waiting for application startup.',
  'INFO:     Application startup complete.',
  `INFO:     Uvicorn running on http://0.0.0.0:${port} (Press CTRL+C to quit)`,
];

const stopLines = [
  'INFO:     Waiting for application shutdown.',
  'INFO:     Application shutdown complete.',
  'INFO:     Finished server process [1]',
];
