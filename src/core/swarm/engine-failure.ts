/** dockerd answered with an error status. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly status: number;
  /** dockerd's own words. */
  readonly reason: string;

  constructor(what: string, { status, reason }: { status: number; reason: string }) {
    super(`${what}: ${status} ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}
