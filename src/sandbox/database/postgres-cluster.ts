import type { Timeline } from '../timeline.ts';
import { Database, type DatabaseJson } from './database.ts';
import { PostgresError } from './postgres-error.ts';

export interface Role {
  password: string | undefined;
  superuser: boolean;
}

export interface PostgresClusterJson {
  initialised: boolean;
  roles: [string, { password?: string; superuser: boolean }][];
  databases: DatabaseJson[];
}

export interface Connection {
  /** The process id that `pg_stat_activity` shows. */
  readonly id: number;
  readonly database: Database;
  readonly role: string;
  readonly applicationName: string;
  readonly openedAt: number;
  readonly isOpen: boolean;
  close(): void;
}

export interface ConnectionRequest {
  readonly database: string;
  readonly role: string;
  /** Undefined: from inside the container, where the official image asks for none. */
  readonly password?: string;
  readonly applicationName?: string;
  /** The server ended it: somebody terminated it, or Postgres stopped. */
  readonly onLost?: () => void;
}

/** The data of one Postgres: what stands on a volume, and outlives every container that serves it. */
export class PostgresCluster {
  readonly timeline: Timeline;
  readonly roles = new Map<string, Role>();
  #databases: Database[] = [];
  #initialised = false;
  #connections = new Map<number, Connection & { lose(): void }>();
  #inTransaction = false;
  #opened = 0;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  static fromJSON({ initialised, roles, databases }: PostgresClusterJson, timeline: Timeline): PostgresCluster {
    const cluster = new PostgresCluster(timeline);
    cluster.#initialised = initialised;
    for (const [name, { password, superuser }] of roles) cluster.roles.set(name, { password, superuser });
    cluster.#databases = databases.map((json) => new Database(structuredClone(json)));
    return cluster;
  }

  /** Without the connections: those end with the process that holds them. */
  toJSON(): PostgresClusterJson {
    return {
      initialised: this.#initialised,
      roles: [...this.roles].map(([name, { password, superuser }]) => [
        name,
        { ...(password !== undefined && { password }), superuser },
      ]),
      databases: this.#databases.map((database) => database.toJSON()),
    };
  }

  get isInitialised(): boolean {
    return this.#initialised;
  }

  /** `initdb`, and what the official image does after it. */
  initialise({ superuser, password, database }: { superuser: string; password: string; database: string }): void {
    if (this.#initialised) throw new Error('this volume holds a cluster already');
    this.#initialised = true;
    this.roles.set(superuser, { password, superuser: true });
    for (const name of ['template0', 'template1', 'postgres']) this.createDatabase(name, { owner: superuser });
    this.find('template0').allowConnections = false;
    if (database !== 'postgres') this.createDatabase(database, { owner: superuser });
  }

  /** Its files are removed: the next server that starts on the volume makes a new cluster. */
  erase(): void {
    this.terminate(() => true);
    this.#initialised = false;
    this.roles.clear();
    this.#databases = [];
  }

  createRole(name: string, { password, superuser = false }: { password?: string; superuser?: boolean } = {}): void {
    if (this.roles.has(name)) throw new PostgresError('42710', `role "${name}" already exists`);
    this.roles.set(name, { password, superuser });
  }

  get databases(): readonly Database[] {
    return this.#databases;
  }

  database(name: string): Database | undefined {
    return this.#databases.find((database) => database.name === name);
  }

  /** A new database, empty or with a copy of all that another one holds. */
  createDatabase(name: string, { owner, template }: { owner: string; template?: string }): Database {
    this.#refuseInTransaction('CREATE DATABASE');
    if (!this.roles.has(owner)) throw new PostgresError('42704', `role "${owner}" does not exist`);
    this.#refuseTaken(name);
    const source = template === undefined ? undefined : this.find(template);
    if (source) this.#refuseUsed(source, `source database "${source.name}" is being accessed by other users`);
    const tables = structuredClone(source?.toJSON().tables ?? {});
    const database = new Database({ name, owner, allowConnections: true, openToAll: true, tables });
    this.#databases.push(database);
    return database;
  }

  /** `force` ends its sessions first, as `DROP DATABASE … WITH (FORCE)` does. */
  dropDatabase(name: string, { force = false }: { force?: boolean } = {}): void {
    this.#refuseInTransaction('DROP DATABASE');
    const database = this.find(name);
    if (force) this.terminate((connection) => connection.database === database);
    this.#refuseUsed(database, `database "${name}" is being accessed by other users`);
    this.#databases = this.#databases.filter((one) => one !== database);
  }

  renameDatabase(name: string, newName: string): void {
    const database = this.find(name);
    this.#refuseTaken(newName);
    this.#refuseUsed(database, `database "${name}" is being accessed by other users`);
    database.name = newName;
  }

  /** All of it or nothing: names and permissions are as before when something in it is refused. */
  transaction(act: () => void): void {
    const before = this.#databases.map(({ name, owner, allowConnections, openToAll }) => ({
      ...{ name, owner, allowConnections, openToAll },
    }));
    this.#inTransaction = true;
    try {
      act();
    } catch (error) {
      for (const [index, values] of before.entries()) Object.assign(this.#databases[index]!, values);
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  get connections(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** Throws in Postgres's words when it refuses: password, database, or no right to connect. */
  connect({ database: name, role, password, applicationName = '', onLost }: ConnectionRequest): Connection {
    const found = this.roles.get(role);
    if (password !== undefined && (!found || found.password !== password))
      throw new PostgresError('28P01', `password authentication failed for user "${role}"`);
    if (!found) throw new PostgresError('28000', `role "${role}" does not exist`);
    const database = this.find(name);
    if (!database.allowConnections)
      throw new PostgresError('55000', `database "${name}" is not currently accepting connections`);
    if (!database.openToAll && database.owner !== role && !found.superuser)
      throw new PostgresError(
        '42501',
        `permission denied for database "${name}"`,
        'User does not have CONNECT privilege.',
      );
    this.#opened += 1;
    const id = 40 + this.#opened;
    const connections = this.#connections;
    const connection = {
      ...{ id, database, role, applicationName },
      openedAt: this.timeline.now(),
      get isOpen() {
        return connections.has(id);
      },
      close: () => void connections.delete(id),
      lose: () => {
        if (connections.delete(id)) onLost?.();
      },
    };
    connections.set(id, connection);
    return connection;
  }

  /** `pg_terminate_backend` for those that match; how many were ended. */
  terminate(matches: (connection: Connection) => boolean): number {
    const ended = [...this.#connections.values()].filter(matches);
    for (const connection of ended) connection.lose();
    return ended.length;
  }

  /** Rows per table of a database. */
  counts(database: string): Record<string, number> {
    return this.find(database).counts();
  }

  /** Throws as Postgres does when there is none of that name. */
  find(name: string): Database {
    const database = this.database(name);
    if (!database) throw new PostgresError('3D000', `database "${name}" does not exist`);
    return database;
  }

  #refuseTaken(name: string): void {
    if (this.database(name)) throw new PostgresError('42P04', `database "${name}" already exists`);
  }

  #refuseInTransaction(statement: string): void {
    if (this.#inTransaction) throw new PostgresError('25001', `${statement} cannot run inside a transaction block`);
  }

  #refuseUsed(database: Database, message: string): void {
    const count = this.connections.filter((connection) => connection.database === database).length;
    if (count === 0) return;
    const sessions = count === 1 ? 'There is 1 other session' : `There are ${count} other sessions`;
    throw new PostgresError('55006', message, `${sessions} using the database.`);
  }
}
