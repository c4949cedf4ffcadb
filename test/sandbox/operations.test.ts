import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHostName } from '../../src/core/domain/host-name.ts';
import type { OperationEvent } from '../../src/core/domain/operation-event.ts';
import { Secret } from '../../src/core/domain/secret.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { experimentStatus, listReleases } from '../../src/core/operations/experiment-status.ts';
import { findLinks, readAdminAccess } from '../../src/core/operations/find-links.ts';
import { listStudies } from '../../src/core/operations/list-experiments.ts';
import { readLogs } from '../../src/core/operations/read-logs.ts';
import {
  reviewAddress,
  reviewChange,
  reviewDeploy,
  reviewRollback,
} from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { loadPlatform } from '../../src/core/records/platform-record.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { authority, wildcard } from '../support/certificates.ts';
import { clusterOf } from '../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';

/** What the end-to-end suite shows on real parts, on the sandbox: every operation, and every way an image can be bad. */
describe('operations on the sandbox', () => {
  const stack = parseStackName('trust');
  const host = 'trust.lab.test';
  let lab: SandboxLab;
  beforeAll(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const deploy = async (name: string, more: object = {}) =>
    lab.run(await reviewDeploy({ ...trust, ...more, image: lab.image(name) }, { ...lab.server, signal: lab.signal }));
  const answer = async (path = '/login') => {
    const entry = await lab.server.entry();
    const { status, headers } = await entry.request({ host, path });
    return { status, release: headers['x-oforest-release'] };
  };
  const webTasks = () =>
    [...lab.sandbox.model.store.tasks.values()].filter(
      ({ Spec, Status }) => Spec.ContainerSpec.Image.includes('samples/') && Status.State === 'running',
    );
  const writes = () => lab.sandbox.engine.calls.filter((call) => call.writes);

  it('deploys, and the study answers through the router with its release', async () => {
    expect(last(await deploy('samples/trust-game:v1'))).toMatchObject({
      kind: 'operation-finished',
      result: { release: 1, state: 'running', url: 'http://trust.lab.test' },
    });
    expect(await answer()).toEqual({ status: 200, release: 'v1' });
  });

  it('plans without a single write, and finds nothing to do for the same image', async () => {
    const before = writes().length;
    const needs = { ...lab.server, signal: lab.signal };
    const other = await reviewDeploy({ ...trust, image: lab.image('samples/trust-game:v2') }, needs);
    expect(other.plan.map(({ name }) => name)).toContain('trust_web');
    expect((await reviewDeploy({ ...trust, image: lab.image('samples/trust-game:v1') }, needs)).plan).toEqual([]);
    expect(writes()).toHaveLength(before);
  });

  it('updates, and rolls back while the registry is down', async () => {
    expect(last(await deploy('samples/trust-game:v2'))).toMatchObject({ result: { release: 2 } });
    expect(await answer()).toEqual({ status: 200, release: 'v2' });
    lab.sandbox.images.registryIsUp = false;
    expect(last(await lab.run(await reviewRollback({ ...trust, to: 1 }, lab.server)))).toMatchObject({
      result: { release: 3 },
    });
    lab.sandbox.images.registryIsUp = true;
    expect(await answer()).toEqual({ status: 200, release: 'v3' });
    expect((await listReleases(stack, lab.server)).map(({ release, source }) => [release, source])).toEqual([
      [3, 1],
      [2, undefined],
      [1, undefined],
    ]);
  });

  it('stops, starts and restarts with one task at most', async () => {
    await lab.run(await reviewStop(trust, lab.server));
    expect(webTasks()).toHaveLength(0);
    expect((await answer()).status).toBe(410);
    expect((await experimentStatus(stack, lab.server)).state).toBe('stopped');
    await lab.run(await reviewStart(trust, lab.server));
    const [before] = webTasks();
    await lab.run(await reviewRestart(trust, lab.server));
    const after = webTasks();
    expect(after).toHaveLength(1);
    expect(after[0]?.ID).not.toBe(before?.ID);
    expect(await answer()).toEqual({ status: 200, release: 'v3' });
  });

  it('says why oTree crashes where Swarm tries again and again', async () => {
    await lab.run(await reviewStop(trust, lab.server));
    clusterOf(lab, 'trust').renameDatabase('otree', 'elsewhere');
    expect(last(await lab.run(await reviewStart(trust, lab.server)))).toMatchObject({
      kind: 'operation-failed',
      error: {
        code: 'image-crashed',
        why: expect.stringContaining('database "otree" does not exist'),
        now: expect.stringMatching(/^trust is stopped again/),
        details: { serves: 'nothing' },
      },
    });
    clusterOf(lab, 'trust').renameDatabase('elsewhere', 'otree');
    expect(last(await lab.run(await reviewStart(trust, lab.server)))).toMatchObject({ kind: 'operation-finished' });
  });

  it('lists, and tells links, admin access and logs', async () => {
    expect((await listStudies(lab.server)).experiments).toMatchObject([
      { stack: 'trust', state: 'running', release: 3 },
    ]);
    const entry = await lab.server.entry();
    const links = await findLinks(stack, { swarm: lab.server.swarm, entry });
    expect(links.filter(({ kind }) => kind === 'room').map(({ tried }) => tried)).toContain('answers');
    const { user, password } = await readAdminAccess(stack, lab.server);
    expect(user).toBe('admin');
    expect(password.reveal()).toHaveLength(16);
    const lines: string[] = [];
    for await (const { text } of readLogs({ stack, part: 'web', follow: false }, lab.server)) lines.push(text);
    expect(lines.join('\n')).toContain('GET /login');
    expect(lines.join('\n')).not.toContain('oforest-probe');
  });

  it('changes a variable and a password by releases of their own, proven by the task hash', async () => {
    const settings = await reviewChange(
      {
        ...trust,
        verb: 'variable',
        change: (state) => ({ ...state, variables: { ...state.variables, COLOR: 'red' } }),
      },
      lab.server,
    );
    expect(last(await lab.run(settings))).toMatchObject({ result: { release: 4 } });
    const value = new Secret('a-new-password');
    const renewed = await reviewChange(
      { ...trust, verb: 'admin', change: (state) => state, newSecrets: [{ slot: 'OTREE_ADMIN_PASSWORD', value }] },
      lab.server,
    );
    expect(last(await lab.run(renewed))).toMatchObject({ result: { release: 5 } });
    expect((await readAdminAccess(stack, lab.server)).password.reveal()).toBe('a-new-password');
  });

  it('moves to another address', async () => {
    await lab.run(await reviewAddress({ ...trust, host: parseHostName('study.lab.test') }, lab.server));
    const entry = await lab.server.entry();
    expect((await entry.request({ host: 'study.lab.test', path: '/login' })).headers['x-oforest-release']).toBe('v6');
    expect((await answer()).status).toBe(404);
    await lab.run(await reviewAddress({ ...trust, host: undefined }, lab.server));
    expect(await answer()).toEqual({ status: 200, release: 'v7' });
  });

  const bad = [
    ['crash-at-import', 'image-crashed'],
    ['missing-package', 'image-crashed'],
    ['never-healthy', 'image-unhealthy'],
    ['answers-500', 'image-unhealthy'],
    ['no-otree', 'image-lacks-otree'],
    ['no-settings', 'image-lacks-settings'],
    ['table-named-pg', 'image-crashed'],
    ['crash-late', 'image-crashed'],
    ['auth-level-open', 'study-open'],
    ['admin-password-fixed', 'admin-login-fails'],
  ] as const;
  it.each(bad)('keeps the earlier release when the new image is bad: %s', async (tag, code) => {
    const [before] = webTasks();
    const { now } = lab.clock;
    const begun = now().getTime();
    const failed = last(await deploy(`samples/broken:${tag}`));
    expect(failed).toMatchObject({ kind: 'operation-failed', error: { code } });
    expect(failed).toHaveProperty('error.now', expect.stringContaining('v7 serves'));
    expect(await answer()).toEqual({ status: 200, release: 'v7' });
    const reachesStudy = ['crash-late', 'auth-level-open', 'admin-password-fixed'].includes(tag);
    expect(webTasks().map(({ ID }) => ID === before?.ID)).toEqual([!reachesStudy]);
    expect(now().getTime() - begun).toBeLessThan(200_000);
  });

  it('leaves no trial, and one running task, behind all that', () => {
    const names = [...lab.sandbox.model.store.services.values()].map(({ Spec }) => Spec.Name).sort();
    expect(names).toEqual(['oforest_closed', 'oforest_traefik', 'trust_db', 'trust_web']);
    expect(webTasks()).toHaveLength(1);
  });
});

describe('a platform with a certificate', () => {
  it('answers over TLS alone, and sends plain visitors there', async () => {
    await using lab = await openSandboxLab();
    const tls = {
      mode: 'files',
      certificate: `${wildcard.certificate}${authority}`,
      key: new Secret(wildcard.key),
    } as const;
    await lab.prepare({ tls });
    const events = await lab.run(await reviewTrust(lab));
    expect(last(events)).toMatchObject({ result: { url: 'https://trust.lab.test' } });
    const secure = await lab.server.entry();
    expect(await secure.request({ host: 'trust.lab.test', path: '/login' })).toMatchObject({ status: 200 });
    const platform = await loadPlatform(lab.server.swarm);
    const plain = await lab.server.entry({ ...platform, tls: { mode: 'none' } });
    const { status, headers } = await plain.request({ host: 'trust.lab.test', path: '/login' });
    expect({ status, to: headers.location }).toEqual({ status: 302, to: 'https://trust.lab.test/login' });
  });
});

describe('a sandbox that is opened again', () => {
  it('answers at once with what ran, without a new task', async () => {
    await using lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    const saved = structuredClone(lab.sandbox.toJSON());
    await using again = await openSandboxLab({ saved, start: lab.sandbox.timeline.now() });
    await pass(again.sandbox.timeline, 1);
    const entry = await again.server.entry();
    expect(await entry.request({ host: 'trust.lab.test', path: '/login' })).toMatchObject({ status: 200 });
    const tasksOf = ({ sandbox }: SandboxLab) => [...sandbox.model.store.tasks.keys()];
    expect(tasksOf(again)).toEqual(tasksOf(lab));
  });
});

describe('a newer Docker', () => {
  it('is spoken with in its own version, and runs a study as well', async () => {
    await using lab = await openSandboxLab({ apiVersion: '1.44' });
    await lab.prepare();
    const events = await lab.run(await reviewTrust(lab));
    expect(lab.server.swarm.apiVersion).toBe('1.44');
    expect(last(events)).toMatchObject({ kind: 'operation-finished', result: { state: 'running' } });
  });
});

describe('two nodes', () => {
  it('keep web on the node of its database, update after update', async () => {
    await using lab = await openSandboxLab({ nodes: [{ hostname: 'one' }, { hostname: 'two' }] });
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    const ofStudy = () =>
      [...lab.sandbox.model.store.tasks.values()].filter(
        ({ Status, Spec }) =>
          Status.State === 'running' && Spec.ContainerSpec.Labels?.['com.docker.stack.namespace'] === 'trust',
      );
    expect(new Set(ofStudy().map(({ NodeID }) => NodeID)).size).toBe(1);
    await lab.run(await reviewTrust(lab, 'v2'));
    expect(ofStudy()).toHaveLength(2);
    expect(new Set(ofStudy().map(({ NodeID }) => NodeID)).size).toBe(1);
  });
});

function last(events: readonly OperationEvent[]): OperationEvent | undefined {
  return events.at(-1);
}
