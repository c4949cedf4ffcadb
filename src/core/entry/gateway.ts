/** What answers at the platform's own door: HTTP(S) requests through Traefik, as a visitor's browser would send them. */
export interface EntryGateway {
  /** Throws `certificate-untrusted`, `host-refused`, `host-unreachable` or `timed-out`. Redirects are not followed. */
  request(request: EntryRequest): Promise<EntryAnswer>;
}

export interface EntryRequest {
  readonly host: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface EntryAnswer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by a comma, except set-cookie: one a line. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 256 KiB. */
  readonly body: string;
  /** How we got there: through the SSH connection to the entry node, or by the public name. */
  readonly path: 'forwarded' | 'public';
}
