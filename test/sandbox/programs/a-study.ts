import { type IncomingMessage, request } from 'node:http';
import { databaseInitScript, entryScript } from '../../../src/core/swarm/scripts.ts';
import type { PostgresCluster } from '../../../src/sandbox/database/postgres-cluster.ts';
import { otreeProgram } from '../../../src/sandbox/programs/otree.ts';
import type { Study } from '../../../src/sandbox/programs/otree-study.ts';
import { postgresProgram } from '../../../src/sandbox/programs/postgres.ts';
import type { Program } from '../../../src/sandbox/programs/program.ts';
import { type DrivenTimeline, drivenTimeline } from '../../../src/sandbox/timeline.ts';
import { type StartedContainer, startContainer } from './a-container.ts';

export const trust: Study = {
  title: 'Trust game',
  version: '6.0.15',
  apps: [
    {
      name: 'trust',
      pages: [
        { name: 'Introduction', title: 'Welcome', text: 'Two people play.' },
        {
          name: 'Send',
          title: 'How much?',
          text: 'It is tripled.',
          question: { field: 'sent', label: 'Points', min: 0, max: 10 },
          timeoutSeconds: 60,
        },
        { name: 'Results', title: 'Thank you', text: 'Noted.' },
      ],
    },
  ],
  sessionConfigs: [{ name: 'trust', displayName: 'Trust game', apps: ['trust'], demoParticipants: 2 }],
  rooms: [{ name: 'lab', displayName: 'The lab' }],
  note: 'This is v1.',
};

export const secrets = {
  DATABASE_PASSWORD: 'secret',
  OTREE_ADMIN_PASSWORD: 'mellow-moose',
  OTREE_REST_KEY: 'rest-key',
  OTREE_SECRET_KEY: 'secret-key',
};
const files = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`/run/secrets/${name}`, value]));

type Around = Parameters<typeof startContainer>[1] & { readonly program?: Program };

export interface AStack {
  readonly timeline: DrivenTimeline;
  readonly cluster: PostgresCluster;
  /** Starts a container of the study; it listens after a second. */
  start(study?: Study, around?: Around): StartedContainer;
  /** The database container; started again after a stop. */
  startDatabase(): StartedContainer;
  /** What runs behind the database's name. */
  neighbours(): Readonly<Record<string, StartedContainer['running'] | undefined>>;
}

/** A database that is ready, and what it takes to start a study beside it. */
export function aStack(): AStack {
  const timeline = drivenTimeline();
  const clusters = new Map<string, PostgresCluster>();
  let database: StartedContainer | undefined;
  const startDatabase = () => {
    database = startContainer(postgresProgram, {
      timeline,
      clusters,
      variables: { POSTGRES_PASSWORD: 'root' },
      volumes: { '/var/lib/postgresql/data': 'db' },
      files: { ...files(secrets), '/docker-entrypoint-initdb.d/10-oforest.sh': databaseInitScript },
    });
    return database;
  };
  startDatabase();
  timeline.advance(2_000);
  const neighbours = () => ({ 'trust-game_db': database?.running });
  return {
    timeline,
    neighbours,
    cluster: clusters.get('db')!,
    startDatabase,
    start: (study = trust, { program = otreeProgram(study), variables, files: moreFiles, ...around } = {}) =>
      startContainer(program, {
        timeline,
        words: ['/bin/sh', '-c', entryScript],
        variables: {
          OTREE_AUTH_LEVEL: 'STUDY',
          PORT: '8000',
          DATABASE_ADDRESS: 'trust-game_db:5432/otree?connect_timeout=5&application_name=oforest-web',
          ...variables,
        },
        files: { ...files(secrets), ...moreFiles },
        neighbours,
        ...around,
      }),
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

/** One request over a connection to port 8000. */
export function ask(
  container: StartedContainer,
  path: string,
  { method, headers, form, json }: Asked = {},
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const stream = container.dial(8000);
  if (!stream) return Promise.reject(new Error('connection refused'));
  const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
  const sent = request({
    path,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { host: 'trust.lab.test', ...headers },
    // A plain pair of streams is enough for one request.
    createConnection: () =>
      Object.assign(stream, { setTimeout: () => stream, destroySoon: () => stream.end() }) as never,
  });
  sent.on('response', async (answer) => {
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) text += piece;
    resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** A browser's tab: keeps its cookies. */
export function aBrowser(container: StartedContainer) {
  let cookie = '';
  const open = async (path: string, asked: Asked = {}): Promise<Reply> => {
    const reply = await ask(container, path, { ...asked, headers: { ...asked.headers, ...(cookie && { cookie }) } });
    cookie = reply.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
    return reply;
  };
  return {
    open,
    /** Follows redirects; the path at which it ends. */
    async follow(path: string): Promise<string> {
      const { status, headers } = await open(path);
      return status >= 300 && status < 400 ? this.follow(headers.location ?? '') : path;
    },
    /** Fills in a form with its hidden token. */
    async submit(path: string, form: Readonly<Record<string, string>>): Promise<Reply> {
      const { body } = await open(path);
      const csrftoken = /name="csrftoken" value="([^"]+)"/.exec(body)?.[1];
      return open(path, { form: { ...form, ...(csrftoken && { csrftoken }) } });
    },
    logIn(password = secrets.OTREE_ADMIN_PASSWORD): Promise<Reply> {
      return this.submit('/login', { username: 'admin', password });
    },
  };
}
