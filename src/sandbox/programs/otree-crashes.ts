import type { PostgresError } from '../database/postgres-error.ts';
import type { Study, StudyFault } from './otree-study.ts';

/** When what happens on the way to the first answer, in milliseconds after the start of the container. */
export const took = { entry: 20, prepareDatabase: 250, importProject: 550, createTables: 850, listen: 1_000 } as const;

export interface Crash {
  readonly atMs: number;
  readonly exitCode: number;
  /** What stands in the log then. */
  readonly lines: readonly string[];
}

/** How an image with this fault ends; undefined for one that does not end by itself. */
export function crashOf({ fault, packageName = 'pandas' }: Study): Crash | undefined {
  if (fault === 'missing-package') return { atMs: took.importProject, exitCode: 1, lines: missingPackage(packageName) };
  return fault && crashes()[fault];
}

const crashes = (): Partial<Record<StudyFault, Crash>> => ({
  'no-otree': { atMs: took.entry, exitCode: 120, lines: ['oforest: the image has no otree on its path'] },
  'no-settings': { atMs: took.entry, exitCode: 121, lines: ['oforest: there is no settings.py in /srv'] },
  'crash-at-import': { atMs: took.importProject, exitCode: 1, lines: crashAtImport },
  // The kernel ends it, so it says nothing.
  'out-of-memory': { atMs: took.createTables, exitCode: 137, lines: [] },
  'table-named-pg': { atMs: took.createTables, exitCode: 1, lines: tableNamedPg },
  'crash-late': { atMs: 8_000, exitCode: 1, lines: crashLate },
});

const python = '/usr/local/lib/python3.12';
const packages = `${python}/site-packages`;
const begin = 'Traceback (most recent call last):';

function at(file: string, line: number, name: string, code: string): string[] {
  return [`  File "${file}", line ${line}, in ${name}`, `    ${code}`];
}

/** From the command `otree` to where it imports the project. */
const toSettings = [
  ...at('/usr/local/bin/otree', 8, '<module>', 'sys.exit(execute_from_command_line())'),
  ...at(`${packages}/otree/main.py`, 98, 'execute_from_command_line', 'setup()'),
  ...at(`${packages}/otree/main.py`, 137, 'setup', 'from otree import settings'),
  ...at(`${packages}/otree/settings.py`, 63, '<module>', 'import settings'),
];

const crashAtImport = [
  begin,
  ...toSettings,
  ...at('/app/settings.py', 24, '<module>', "raise ValueError('this settings.py does not work')"),
  'ValueError: this settings.py does not work',
];

function missingPackage(name: string): readonly string[] {
  return [
    begin,
    ...toSettings,
    ...at('/app/settings.py', 1, '<module>', `import ${name}`),
    `ModuleNotFoundError: No module named '${name.split('.')[0]}'`,
  ];
}

const crashLate = [
  'Exception in thread Thread-1:',
  begin,
  ...at(`${python}/threading.py`, 1073, '_bootstrap_inner', 'self.run()'),
  ...at(`${python}/threading.py`, 1433, 'run', 'self.function(*self.args, **self.kwargs)'),
  ...at('/app/settings.py', 27, 'refresh_exchange_rates', "rates = loads(answer)['rates']"),
  "KeyError: 'rates'",
];

const creatingTables = at(`${packages}/otree/database.py`, 121, 'init_orm', 'AnyModel.metadata.create_all(engine)');

/** What psycopg2 raised while the tables were made, and what SQLAlchemy makes of it. */
function whileCreatingTables(raised: readonly string[], wrapped: readonly string[]): readonly string[] {
  return [
    begin,
    ...creatingTables,
    ...raised,
    '',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    begin,
    ...creatingTables,
    ...wrapped,
  ];
}

const executing = at(
  `${packages}/sqlalchemy/engine/default.py`,
  593,
  'do_execute',
  'cursor.execute(statement, parameters)',
);

/** An app whose tables' names begin with pg_: Postgres looks for its own there. */
const tableNamedPg = whileCreatingTables(
  [...executing, 'psycopg2.errors.WrongObjectType: "pg_group" is not a table'],
  [
    'sqlalchemy.exc.ProgrammingError: (psycopg2.errors.WrongObjectType) "pg_group" is not a table',
    '',
    '[SQL: CREATE INDEX ix_pg_group_session_id ON pg_group (session_id)]',
    '(Background on this error at: http://sqlalche.me/e/13/f405)',
  ],
);

/** What psycopg2 says when a connection is not made; an error without one means that nobody listens there. */
export function connectionRefused(host: string, error: PostgresError | undefined): string {
  if (!error) return `could not translate host name "${host}" to address: Name or service not known`;
  return `connection to server at "${host}", port 5432 failed: FATAL:  ${error.message}`;
}

export function operationalError(message: string): readonly string[] {
  return whileCreatingTables(
    [
      ...at(`${packages}/sqlalchemy/engine/base.py`, 2338, '_wrap_pool_connect', 'return fn()'),
      ...at(`${packages}/psycopg2/__init__.py`, 135, 'connect', 'conn = _connect(dsn, **kwasync)'),
      `psycopg2.OperationalError: ${message}`,
    ],
    [
      `sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) ${message}`,
      '',
      '(Background on this error at: http://sqlalche.me/e/13/e3q8)',
    ],
  );
}

const errorNames: Readonly<Record<string, string>> = {
  '42703': 'psycopg2.errors.UndefinedColumn',
  '42P01': 'psycopg2.errors.UndefinedTable',
};

/** A request that the data or the database spoiled. */
export function requestTraceback({ sqlState, message }: PostgresError): readonly string[] {
  return [
    'ERROR:    Exception in ASGI application',
    begin,
    ...at(`${packages}/starlette/middleware/errors.py`, 159, '__call__', 'await self.app(scope, receive, _send)'),
    ...executing,
    `${errorNames[sqlState] ?? 'psycopg2.OperationalError'}: ${message}`,
  ];
}
