import type { Duplex, Readable } from 'node:stream';

export interface EngineRequest {
  method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** Without the version: `/services/create`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Default 30,000. */
  timeoutMs?: number;
}

export class EngineClient {
  /** As negotiated: `1.41`. */
  readonly apiVersion: string = '1.41';

  async json(_request: EngineRequest): Promise<unknown> {
    throw new Error('not built yet');
  }

  async stream(_request: EngineRequest): Promise<Readable> {
    throw new Error('not built yet');
  }

  async upgrade(_request: EngineRequest): Promise<Duplex> {
    throw new Error('not built yet');
  }
}

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
