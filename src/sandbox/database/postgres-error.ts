/** What Postgres answers to a statement or a connection that it refuses, in its own words. */
export class PostgresError extends Error {
  /** https://www.postgresql.org/docs/15/errcodes-appendix.html */
  readonly sqlState: string;
  readonly detail: string | undefined;

  constructor(sqlState: string, message: string, detail?: string) {
    super(message);
    this.name = 'PostgresError';
    this.sqlState = sqlState;
    this.detail = detail;
  }
}
