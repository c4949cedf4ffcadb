import {
  type Actor,
  applyPlatform,
  ExpectedError,
  openServerOver,
  parseEnvironment,
  parseExperimentName,
  parseHostName,
  planPlatform,
  type Review,
  randomText,
  reviewDeploy,
  reviewStop,
  type Server,
  startOperation,
} from '../../core/index.ts';
import { catalog } from '../../sandbox/images/catalog.ts';
import { createSandbox, registryPort, type SandboxJson } from '../../sandbox/sandbox.ts';
import { clockOn, selfDrivenTimeline } from '../../sandbox/timeline.ts';
import { runHere, wayTo } from './in-process.ts';
import { sandboxDomain } from './sandbox-home.ts';

const days = 24 * 3_600_000;
const people: readonly Actor[] = [
  { via: 'ssh', sshUser: 'researcher', host: 'laptop' },
  { via: 'ssh', sshUser: 'lab-admin', host: 'office' },
];

/**
 * A Swarm with some weeks behind it, made by oForest's own operations on a clock that was set back: two studies that
 * run, one that was stopped, one whose last release failed, and a staging copy. Returns what a sandbox starts from.
 */
export async function firstStudies(
  now: number,
  { httpPort, httpsPort }: { httpPort: number; httpsPort: number },
): Promise<SandboxJson> {
  const timeline = selfDrivenTimeline(now - 24 * days);
  const sandbox = createSandbox({ timeline, images: catalog, seed: 20_270_104 });
  const clock = clockOn(timeline);
  const closing = new AbortController();
  const { signal } = closing;
  await using server = await openServerOver(wayTo(sandbox), { signal });
  const { swarm, registry } = server;

  const image = (name: string) => `localhost:${registryPort}/${name}`;
  const platform = await planPlatform(
    {
      domain: parseHostName(sandboxDomain),
      images: { traefik: image('traefik:3.7'), postgres: image('postgres:15') },
      httpPort,
      httpsPort,
      tls: { mode: 'none' },
    },
    { swarm, registry, clock, signal },
  );
  for await (const _event of applyPlatform(platform, { swarm, clock, signal })) {
    // It is made before anyone looks.
  }

  const deploy = (name: string, tag: string, env = 'production') =>
    reviewDeploy(
      { experiment: parseExperimentName(name), environment: parseEnvironment(env), image: image(`samples/${tag}`) },
      { swarm, registry, signal },
    );
  const at = async (daysAgo: number, who: number, review: () => Promise<Review>) => {
    timeline.skip(now - daysAgo * days - timeline.now());
    await run(await review(), people[who] ?? people[0]!, server, { clock, signal });
  };

  await at(21, 0, () => deploy('public-goods', 'public-goods:v1'));
  await at(16, 0, () => deploy('trust-game', 'trust-game:v1'));
  await at(12, 1, () => deploy('survey', 'survey:v1'));
  await at(9, 0, () => deploy('trust-game', 'trust-game:v2'));
  await at(8, 1, () =>
    reviewStop({ experiment: parseExperimentName('survey'), environment: parseEnvironment('production') }, { swarm }),
  );
  await at(5, 1, () => deploy('dictator', 'dictator:v1'));
  await at(4, 1, () => deploy('dictator', 'broken:missing-package'));
  await at(1, 0, () => deploy('trust-game', 'trust-game:v3', 'staging'));
  timeline.skip(now - timeline.now());
  closing.abort(new ExpectedError('cancelled', 'making the first studies'));
  return structuredClone(sandbox.toJSON());
}

/** Failures are part of the past: they stand in the record. */
async function run(
  review: Review,
  actor: Actor,
  server: Server,
  { clock, signal }: { clock: ReturnType<typeof clockOn>; signal: AbortSignal },
): Promise<void> {
  const { swarm } = server;
  const id = await startOperation(review, { actor }, { swarm, clock, random: randomText });
  await runHere(id, { server, clock, signal, runner: `${actor.host}:1` });
}
