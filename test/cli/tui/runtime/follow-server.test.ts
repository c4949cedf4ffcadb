import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ExpectedError,
  randomText,
  reviewRestart,
  Secret,
  type Server,
  startOperation,
} from '../../../../src/core/index.ts';
import { faultsByRule, noFaults } from '../../../../src/sandbox/engine/faults.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';
import { followSandbox } from '../support/follow-sandbox.ts';

let lab: SandboxLab;
beforeAll(async () => {
  lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
});
afterEach(() => {
  lab.sandbox.engine.faults = noFaults;
});
afterAll(() => lab[Symbol.asyncDispose]());

const refused = () => new ExpectedError('host-refused', 'connecting to lab', { why: 'Nothing listens there.' });
const webList = /label.+part=web/;

/** How often a list was asked for since anything was counted the last time. */
function timesAsked(isThat: (path: string, query: string) => boolean): number {
  const { calls } = lab.sandbox.engine;
  const found = calls.filter(({ path, query }) => isThat(path, decodeURIComponent(query)));
  lab.sandbox.engine.forgetCalls();
  return found.length;
}

const comparisons = () => timesAsked((path, query) => path === '/services' && webList.test(query));
const looksAtActivity = () => timesAsked((_, query) => query.includes('kind=operation'));

describe('a server that answers', () => {
  it('is compared at once, and people are asked after that', async () => {
    await using followed = await followSandbox(lab);
    const { link, studies } = followed.state();
    expect(link).toEqual({ kind: 'live' });
    expect(studies?.map(({ stack, state }) => `${stack} ${state}`)).toEqual(['trust running']);
    await followed.pass(1);
    expect(followed.state().studies?.map(({ people }) => people)).toEqual([0]);
  });

  it('is compared each 30 s while nothing is told', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    comparisons();
    await followed.pass(90);
    expect(comparisons()).toBe(3);
  });

  it('is compared soon after a burst of changes, once, and again when they have settled', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    comparisons();
    for (const part of ['web', 'db', 'web']) touchService(`trust_${part}`);
    await followed.pass(0.2);
    expect(comparisons()).toBe(0);
    await followed.pass(0.2);
    expect(comparisons()).toBe(1);
    await followed.pass(5);
    expect(comparisons()).toBe(1);
  });

  it('is left alone when only the keeper says that it lives', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    comparisons();
    lab.sandbox.model.store.emit('config', 'update', 'c1', { name: 'of.keeper' });
    await followed.pass(5);
    expect(comparisons()).toBe(0);
  });

  it('lists operations again after a change of a record, and each five minutes where nothing is told', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    looksAtActivity();
    await followed.pass(200);
    expect(looksAtActivity()).toBe(0);
    await followed.pass(130);
    expect(looksAtActivity()).toBe(1);
    lab.sandbox.model.store.emit('config', 'update', 'c1', { name: 'of.trust.lock' });
    await followed.pass(1.5);
    expect(looksAtActivity()).toBe(2);
    touchService('trust_web');
    await followed.pass(40);
    expect(looksAtActivity()).toBe(0);
  });

  it('lists operations each time where no changes are told', async () => {
    lab.sandbox.engine.faults = faultsByRule([{ fault: { kind: 'error-500' }, path: /^\/events$/, times: never }]);
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    looksAtActivity();
    await followed.pass(60);
    expect(looksAtActivity()).toBe(2);
  });

  it('asks of an operation that has not ended each time', async () => {
    const { swarm } = lab.server;
    const needs = { swarm, clock: lab.clock, random: randomText };
    const actor = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
    const operation = await startOperation(await reviewRestart(trust, lab.server), { actor }, needs);
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    looksAtActivity();
    await followed.pass(60);
    expect(looksAtActivity()).toBe(2);
    expect(followed.state().activity[0]).toMatchObject({ verb: 'restart', state: 'stale' });
    await lab.runAccepted(operation);
  });

  it('shows what others do without being asked', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    await lab.run(await reviewRestart(trust, lab.server));
    await followed.pass(2);
    expect(followed.state().activity[0]).toMatchObject({ verb: 'restart', state: 'succeeded' });
  });

  it('is compared when a person asks', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    comparisons();
    followed.following.lookAgain();
    await followed.pass(0.1);
    expect(comparisons()).toBe(1);
  });

  it('is listened to again when the stream of changes ends', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    followed.line.cut();
    await followed.pass(3);
    comparisons();
    touchService('trust_web');
    await followed.pass(1);
    expect(comparisons()).toBeGreaterThan(0);
    expect(followed.state().link.kind).toBe('live');
  });
});

it('shows a server that was never prepared, and what keeps studies from it', async () => {
  await using bare = await openSandboxLab();
  await using followed = await followSandbox(bare);
  const { link, studies } = followed.state();
  expect({ link, studies }).toEqual({ link: { kind: 'live' }, studies: [] });
  expect(followed.effects).toContainEqual(expect.objectContaining({ kind: 'check-server' }));
});

describe('a server that is gone', () => {
  it('is said to be gone within 6 s when it only falls silent, and is live 16 s after it is back', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(3);
    followed.line.isSilent = true;
    await followed.pass(6);
    expect(followed.state().link).toMatchObject({
      kind: 'offline',
      error: { code: 'timed-out', why: 'It has not answered for some seconds.' },
    });
    await followed.pass(70);
    followed.line.isSilent = false;
    await followed.pass(16);
    expect(followed.state().link).toEqual({ kind: 'live' });
  });

  it('is said to be gone within 6 s when it refuses, with the cause', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(3);
    followed.line.refuses = refused;
    followed.line.cut();
    await followed.pass(6);
    expect(followed.state().link).toMatchObject({ kind: 'offline', error: { why: 'Nothing listens there.' } });
    expect(followed.following.server()).toBeUndefined();
  });

  it('is tried again after 1, 2, 4, 8 and then each 15 s', async () => {
    const tries: number[] = [];
    let seconds = 0;
    await using followed = await followSandbox(lab, {
      async reach() {
        tries.push(Math.round(seconds));
        throw refused();
      },
    });
    for (; seconds < 62; seconds += 0.5) await followed.pass(0.5);
    expect(tries).toEqual([0, 1, 3, 7, 15, 30, 45, 60]);
  });

  it('is tried at once when a person asks, and says since when it is gone', async () => {
    await using followed = await followSandbox(lab);
    followed.line.refuses = refused;
    followed.line.cut();
    await followed.pass(20);
    const { link } = followed.state();
    followed.line.refuses = undefined;
    followed.following.lookAgain();
    await followed.pass(0.1);
    expect(link).toMatchObject({ kind: 'offline', nextTryAt: expect.any(Number) });
    expect(followed.state().link).toEqual({ kind: 'live' });
  });

  it('is not tried again by itself where that would lock somebody out', async () => {
    let tries = 0;
    await using followed = await followSandbox(lab, {
      async reach() {
        tries += 1;
        throw new ExpectedError('key-refused', 'logging in to lab');
      },
    });
    await followed.pass(120);
    expect(tries).toBe(1);
    expect(followed.state().link).toMatchObject({ kind: 'offline', nextTryAt: 'when-asked' });
    followed.following.lookAgain();
    await followed.pass(0.1);
    expect(tries).toBe(2);
  });

  it('keeps what was known of it, with its age', async () => {
    await using followed = await followSandbox(lab);
    const { studies, asOf } = followed.state();
    followed.line.refuses = refused;
    followed.line.cut();
    await followed.pass(60);
    expect(followed.state()).toMatchObject({ asOf, studies: studies?.map(({ stack }) => ({ stack })) });
  });

  it('is said after 5 s where it was never reached', async () => {
    await using followed = await followSandbox(lab, { reach: () => new Promise(() => {}) });
    await followed.pass(4);
    expect(followed.state().link.kind).toBe('connecting');
    await followed.pass(1.5);
    expect(followed.state().link).toMatchObject({ kind: 'offline', nextTryAt: 'now' });
  });
});

describe('what is asked of a server', () => {
  it('waits until it is reached for the first time', async () => {
    const way = Promise.withResolvers<Server>();
    await using followed = await followSandbox(lab, { reach: async (use) => use(await way.promise) });
    const reached = followed.following.reached();
    way.resolve(lab.server);

    expect(await reached).toBe(lab.server);
  });

  it('is refused once nobody knows whether it ever will be', async () => {
    await using followed = await followSandbox(lab, { reach: () => new Promise(() => {}) });
    const refused = expect(followed.following.reached()).rejects.toMatchObject({ code: 'host-unreachable' });
    await followed.pass(6);

    await refused;
    await expect(followed.following.reached()).rejects.toMatchObject({ code: 'host-unreachable' });
  });
});

describe('a server that answers and cannot tell', () => {
  const noLeader = { kind: 'error-500' } as const;

  it('is live for a minute, and then stale with the reason', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    lab.sandbox.engine.faults = faultsByRule([{ fault: noLeader, path: /^\/(services|configs)$/, times: never }]);
    await followed.pass(55);
    expect(followed.state().link.kind).toBe('live');
    await followed.pass(20);
    expect(followed.state().link).toMatchObject({ kind: 'stale', error: { code: 'engine-refused' } });
    lab.sandbox.engine.faults = noFaults;
    await followed.pass(16);
    expect(followed.state().link).toEqual({ kind: 'live' });
  });

  it('is not given up where it answers what nobody understands', async () => {
    await using followed = await followSandbox(lab);
    await followed.pass(2);
    const server = followed.following.server();
    lab.sandbox.engine.faults = faultsByRule([{ fault: { kind: 'strange' }, path: /^\/services$/, times: never }]);
    await followed.pass(75);
    expect(followed.state().link).toMatchObject({ kind: 'stale', error: { code: 'engine-unsupported' } });
    expect(followed.following.server()).toBe(server);
  });

  it('is never live where it never could', async () => {
    lab.sandbox.engine.faults = faultsByRule([{ fault: noLeader, path: /^\/(services|configs)$/, times: never }]);
    await using followed = await followSandbox(lab);
    expect(followed.state()).toMatchObject({ link: { kind: 'stale', error: {} }, studies: undefined });
  });
});

describe('a passphrase', () => {
  it('may take its time: nobody is told meanwhile that the server is silent', async () => {
    const typed = Promise.withResolvers<Secret>();
    const asked: string[] = [];
    await using followed = await followSandbox(lab, {
      passphrasesFor: () => (file) => {
        asked.push(file);
        return typed.promise;
      },
      async reach(_, { askPassphrase, signal }) {
        await askPassphrase('~/.ssh/id_ed25519');
        await new Promise((_, reject) => signal.addEventListener('abort', reject));
      },
    });
    await followed.pass(60);
    expect(asked).toEqual(['~/.ssh/id_ed25519']);
    expect(followed.state().link.kind).toBe('connecting');
    typed.resolve(new Secret('open sesame'));
    await followed.pass(6);
    expect(followed.state().link.kind).toBe('offline');
  });
});

describe('a window that is left', () => {
  it('hears nothing more', async () => {
    await using followed = await followSandbox(lab);
    followed.leave();
    await followed.following.ended;
    const before = followed.state();
    await followed.pass(120);
    expect(followed.state()).toBe(before);
  });
});

const never = 1_000_000_000;

/** As if somebody had written the service: dockerd tells of it. */
function touchService(name: string): void {
  lab.sandbox.model.store.emit('service', 'update', name, { name });
}
