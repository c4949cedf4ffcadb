import * as z from 'zod';
import { Secret } from '../domain/secret.ts';
import { parseChallenges } from './challenge.ts';
import { type Answer, type ExchangeNeeds, exchange } from './http-exchange.ts';
import { maySendTo, registryAddress } from './registry-address.ts';
import { answeredWith, denied, unreachable, untrustworthy } from './registry-errors.ts';

export interface Login {
  username: string;
  password: Secret;
}

const maxRedirects = 3;

/** Questions about one repository, with the login that the registry asks for. */
export class RegistrySession {
  readonly #address: URL;
  readonly #base: string;
  readonly #repository: string;
  readonly #login: Login | undefined;
  readonly #needs: ExchangeNeeds;
  #authorization: Secret | undefined;

  constructor({ login, ...needs }: ExchangeNeeds & { login: Login | undefined }) {
    const { reference } = needs.subject;
    this.#address = registryAddress(reference.registry);
    this.#repository = reference.repository;
    this.#base = `/v2/${this.#repository}/`;
    this.#login = login;
    this.#needs = needs;
  }

  /**
   * Answers of status 200 and 404. Throws `registry-denied` for 401 and 403, `registry-unreachable` for any other.
   * `path` is below the repository: `manifests/v1`.
   */
  async get(path: string, { accept }: { accept: string }): Promise<Answer> {
    const url = new URL(this.#base + path, this.#address);
    let reply = await this.#follow(url, accept);
    if (reply.answer.status === 401 && this.#isOwn(reply.url)) {
      this.#authorization = await this.#authorize(reply.answer);
      reply = await this.#follow(url, accept);
    }
    const { status } = reply.answer;
    if (status === 200 || status === 404) return reply.answer;
    const { subject } = this.#needs;
    if ((status === 401 || status === 403) && this.#isOwn(reply.url))
      throw denied(subject, { refused: 'image', status });
    throw answeredWith(subject, { place: reply.url.host, status });
  }

  /** Blobs are often kept elsewhere. Elsewhere never sees the login. */
  async #follow(start: URL, accept: string): Promise<{ answer: Answer; url: URL }> {
    const { subject } = this.#needs;
    let url = start;
    for (let redirects = 0; ; redirects++) {
      const authorization = this.#isOwn(url) ? this.#authorization : undefined;
      const headers = { accept, ...(authorization && { authorization: authorization.reveal() }) };
      const answer = await exchange({ url, headers }, this.#needs);
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return { answer, url };
      if (redirects === maxRedirects)
        throw unreachable(subject, { why: `${start.host} sends us on more than ${maxRedirects} times.` });
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!next || !maySendTo(next, { from: this.#address }))
        throw untrustworthy(subject, `${url.host} sends us on to an address that is not HTTPS.`);
      url = next;
    }
  }

  #isOwn(url: URL): boolean {
    return url.origin === this.#address.origin;
  }

  async #authorize({ headers, status }: Answer): Promise<Secret> {
    const challenges = parseChallenges(headers['www-authenticate'] ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return this.#fetchToken(bearer.parameters);
    const takesBasic = challenges.some(({ scheme }) => scheme === 'basic');
    if (takesBasic && this.#login && !this.#authorization) return basic(this.#login);
    throw denied(this.#needs.subject, { refused: takesBasic ? 'login' : 'image', status });
  }

  /** Without a login the token is that of a visitor, which is enough for public images. */
  async #fetchToken({ realm = '', service, scope }: Readonly<Record<string, string>>): Promise<Secret> {
    const { subject } = this.#needs;
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    if (!url || !maySendTo(url, { from: this.#address }))
      throw untrustworthy(subject, `${this.#address.host} wants the login sent to an address that is not HTTPS.`);
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope ?? `repository:${this.#repository}:pull`);
    const authorization = this.#login && basic(this.#login);
    const headers = { accept: 'application/json', ...(authorization && { authorization: authorization.reveal() }) };
    const { status, body } = await exchange({ url, headers }, this.#needs);
    if (status === 401 || status === 403) throw denied(subject, { refused: 'login', status });
    if (status !== 200) throw answeredWith(subject, { place: url.host, status });
    const token = parseToken(body);
    if (!token) throw untrustworthy(subject, `${url.host} answers without a token.`);
    return new Secret(`Bearer ${token}`);
  }
}

function basic({ username, password }: Login): Secret {
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`);
}

/** Printable ASCII: it goes into a header. */
const Token = z.string().regex(/^[\x21-\x7e]+$/);
const TokenReply = z
  .object({ token: Token.optional(), access_token: Token.optional() })
  .transform(({ token, access_token }) => token ?? access_token);

function parseToken(body: Buffer): string | undefined {
  return TokenReply.safeParse(parseJson(body)).data;
}

/** `undefined` for what is no JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
