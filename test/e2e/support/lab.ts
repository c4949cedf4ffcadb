import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Bed, readBed } from '../bed/bed.ts';

const run = promisify(execFile);
export const program = resolve(import.meta.dirname, '../../../dist/oforest.js');

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person at a computer of their own, with the bed as their one server. */
export interface Lab extends AsyncDisposable {
  readonly bed: Bed;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Types one command; stdin is empty unless given. */
  oforest(words: readonly string[], options?: TypeOptions): Promise<Outcome>;
  /** The same with --json: the one object on stdout. */
  json(words: readonly string[], options?: TypeOptions): Promise<{ exitCode: number; value: JsonAnswer }>;
  /** A command that must succeed; its output is in the error when it does not. */
  succeed(words: readonly string[], options?: TypeOptions): Promise<Outcome>;
  docker(words: readonly string[]): Promise<string>;
  prepare(): Promise<void>;
  get(host: string, path: string): Promise<Visit>;
}

export interface TypeOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  /** On top of the lab's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What commands answer with --json (docs/json.md); a test reads the fields of the command it typed. */
export interface JsonAnswer {
  version: number;
  ok: boolean;
  outcome: string;
  stack: string;
  state: string;
  release: number;
  url: string;
  user: string;
  password: string;
  plan: { action: string; subject: string; name: string; because: string; interrupts: boolean }[];
  parts: { part: string; task: string }[];
  links: { kind: string; name: string; url: string; tried: string }[];
  variables: Record<string, string>;
  secrets: string[];
  operation: { id: string; verb: string };
  experiments: { stack: string; state: string; release: number }[];
  releases: { release: number; state: string; serving: boolean; source?: number; digest: string }[];
  error: {
    code: string;
    what: string;
    why: string;
    now: string;
    hint: string;
    log?: string[];
    details?: Record<string, unknown>;
  };
}

export interface Visit {
  readonly at: number;
  readonly status: number;
  readonly release: string;
  readonly body: string;
}

export async function openLab(): Promise<Lab> {
  const bed = readBed();
  const home = await mkdtemp(join(tmpdir(), 'oforest-e2e-'));
  const { host, port, user, identityFile, knownHostsFile } = bed.ssh;
  const server = { host, port, user, identityFile, knownHostsFile };
  await writeFile(join(home, 'config.yml'), JSON.stringify({ current: 'lab', servers: { lab: server } }));
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    OFOREST_CONFIG: join(home, 'config.yml'),
    XDG_STATE_HOME: join(home, 'state'),
  };
  const ca = await readFile(bed.tls.caFile, 'utf8');

  const oforest: Lab['oforest'] = (words, options) => type(words, environment, options);
  const lab: Lab = {
    bed,
    home,
    environment,
    oforest,
    async json(words, options) {
      const { exitCode, stdout, stderr } = await oforest(['--json', ...words], options);
      try {
        return { exitCode, value: JSON.parse(stdout) };
      } catch {
        throw new Error(`no single JSON object on stdout of ${words.join(' ')}:\n${stdout}\n${stderr}`);
      }
    },
    async succeed(words, options) {
      const outcome = await oforest(words, options);
      if (outcome.exitCode === 0) return outcome;
      throw new Error(
        `oforest ${words.join(' ')} ended with ${outcome.exitCode}:\n${outcome.stdout}\n${outcome.stderr}`,
      );
    },
    docker: async (words) => (await run('docker', [...words], { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 })).stdout,
    async prepare() {
      const { images, tls, domain } = bed;
      const words = [
        ...['server', 'prepare', 'lab', '--domain', domain, '--yes'],
        ...['--tls-cert', tls.certFile, '--tls-key', tls.keyFile],
        ...['--traefik-image', images['traefik:3.7'], '--postgres-image', images['postgres:15']],
      ];
      // Of files that begin at the same moment one prepares it, and the others find that somebody else just did.
      await lab.succeed(words).catch(async () => {
        await pause(10_000);
        await lab.succeed(words);
      });
    },
    get: (visited, path) => visit({ host: visited, path, ca }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
  return lab;
}

function type(
  words: readonly string[],
  base: Readonly<Record<string, string>>,
  { input = '', timeoutMs = 170_000, environment = {} }: TypeOptions = {},
): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...base, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', failed);
    child.once('close', (code) => done({ exitCode: code ?? -1, stdout, stderr }));
  });
}

/** One request as a participant's browser would send it: by name, with the certificate checked. */
function visit({ host, path, ca }: { host: string; path: string; ca: string }): Promise<Visit> {
  const at = performance.now();
  return new Promise((done) => {
    const failed = () => done({ at, status: 0, release: '', body: '' });
    const request = https.get(
      {
        host: '127.0.0.1',
        port: 443,
        servername: host,
        path,
        ca,
        headers: { host },
        timeout: 10_000,
        agent: new https.Agent(),
      },
      async (answer) => {
        let body = '';
        try {
          for await (const chunk of answer) body += chunk;
          done({
            at,
            status: answer.statusCode ?? 0,
            release: String(answer.headers['x-oforest-release'] ?? ''),
            body,
          });
        } catch {
          failed();
        }
      },
    );
    request.once('error', failed);
    request.once('timeout', () => request.destroy());
  });
}

/** An outside client that asks for the login page 20 times a second until it is stopped; bounded by 4,000 requests. */
export function watchFromOutside(lab: Lab, host: string): { stop: () => Promise<readonly Visit[]> } {
  const visits: Promise<Visit>[] = [];
  const timer = setInterval(() => {
    if (visits.length < 4000) visits.push(lab.get(host, '/login'));
  }, 50);
  return {
    async stop() {
      clearInterval(timer);
      return await Promise.all(visits);
    },
  };
}

export const failures = (visits: readonly Visit[]) => visits.filter(({ status }) => status !== 200);

/** The longest time without a good answer, in seconds: from the last good one before to the first good one after. */
export function longestGapSeconds(visits: readonly Visit[]): number {
  const good = visits.filter(({ status }) => status === 200).map(({ at }) => at);
  const gaps = good.slice(1).map((at, index) => at - (good[index] ?? at));
  return Math.max(0, ...gaps) / 1000;
}

/** The running container of a service, by id; empty while there is none. */
export async function containerOf(lab: Lab, service: string): Promise<string> {
  return (await lab.docker(['ps', '-q', '--filter', `label=com.docker.swarm.service.name=${service}`])).trim();
}

/** Ids of the tasks of a service that Swarm wants to run. */
export async function runningTasks(lab: Lab, service: string): Promise<readonly string[]> {
  const ids = await lab.docker(['service', 'ps', service, '--filter', 'desired-state=running', '-q', '--no-trunc']);
  return ids.split('\n').filter(Boolean);
}
