/** What dockerd answers when it refuses: a status and its own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Swarm's own refusals reach clients with the name of their gRPC code in front. */
export function refused(
  code: 'InvalidArgument' | 'AlreadyExists' | 'NotFound' | 'FailedPrecondition' | 'Unknown' | 'Unimplemented',
  text: string,
): EngineError {
  const status = {
    InvalidArgument: 400,
    AlreadyExists: 409,
    NotFound: 404,
    FailedPrecondition: 400,
    Unknown: 500,
    Unimplemented: 501,
  }[code];
  return new EngineError(status, `rpc error: code = ${code} desc = ${text}`);
}
