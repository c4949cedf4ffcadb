import type { Database } from '../database/database.ts';
import type { Connection } from '../database/postgres-cluster.ts';
import { PostgresError } from '../database/postgres-error.ts';
import { connectionRefused } from './otree-crashes.ts';
import type { Container } from './program.ts';

/** oTree's one connection to its database. */
export interface StudyConnection {
  /** After it was lost one call fails, and the next one connects anew. Throws a PostgresError when that fails too. */
  use(): Connection;
  close(): void;
  /** Another database of the study's, over a connection of its own that is closed at once. */
  look(database: string): Database;
}

export function openConnection(container: Container, password: string, onLost: () => void): StudyConnection {
  let connection: Connection | undefined;
  return {
    use() {
      if (connection?.isOpen) return connection;
      if (connection) {
        connection = undefined;
        throw new PostgresError('57P01', 'terminating connection due to administrator command');
      }
      connection = connect(container, password, onLost);
      return connection;
    },
    close: () => connection?.close(),
    look(name) {
      const other = connect(container, password, () => undefined, name);
      other.close();
      return other.database;
    },
  };
}

function connect(container: Container, password: string, onLost: () => void, name?: string): Connection {
  const address = new URL(`postgresql://study@${container.variables.get('DATABASE_ADDRESS') ?? ''}`);
  const host = address.hostname;
  const cluster = container.postgres(host);
  if (!cluster) throw new PostgresError('08006', connectionRefused(host, undefined));
  try {
    return cluster.connect({
      database: name ?? address.pathname.slice(1),
      role: 'study',
      password,
      applicationName: address.searchParams.get('application_name') ?? '',
      onLost,
    });
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    throw new PostgresError(error.sqlState, connectionRefused(host, error));
  }
}
