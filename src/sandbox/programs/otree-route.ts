import type { Database } from '../database/database.ts';
import type { Row } from '../database/table.ts';
import type { Answer, Visit } from './otree-http.ts';
import type { Study } from './otree-study.ts';

/** A study that runs: what its pages are made from. */
export interface Site {
  readonly study: Study;
  /** `STUDY`, `DEMO`, or nothing: open to anyone. */
  readonly authLevel: string;
  readonly adminPassword: string;
  readonly restKey: string;
  /** Page times since the start: oTree keeps them in memory until somebody asks for them. */
  readonly pageTimes: string[];
  /** Throws when the connection was lost. */
  database(): Database;
  /** Unix seconds. */
  now(): number;
  random(length: number): string;
  /** A page with a time limit was shown. */
  timeLimitSet(): void;
  logError(lines: readonly string[]): void;
}

export interface RouteCall {
  readonly site: Site;
  readonly visit: Visit;
  /** The parts of the path, by the names in the route's pattern. */
  readonly parts: Readonly<Record<string, string>>;
}
type Handler = (call: RouteCall) => Answer;

export interface Route {
  /** `/SessionMonitor/{code}` */
  readonly path: string;
  /** Who may come: anyone, people with a login (in DEMO mode anyone), people with a login always, programs with a key. */
  readonly access: 'public' | 'demo' | 'login' | 'rest';
  readonly get?: Handler;
  readonly post?: Handler;
}

/** A refusal with a status that a handler need not pass up by hand. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The token of the visitor's forms; made at the first. */
export function tokenFor({ site, visit }: RouteCall): string {
  visit.cookie.csrftoken ??= site.random(10);
  return visit.cookie.csrftoken;
}

/** The row of a session or participant; a 404 in oTree's words without one. */
export function findByCode(site: Site, kind: 'session' | 'participant', code: string | undefined): Row {
  const row = site
    .database()
    .table(`otree_${kind}`)
    .rows.find((one) => one.code === code);
  if (row) return row;
  const model = kind === 'session' ? 'Session' : 'Participant';
  throw new HttpRefusal(404, `Not found (maybe the session was deleted): ${model}, {'code': '${code}'}`);
}
