import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type ClosedPageParts, closedPageScript, closedPageSpec } from '../../../src/core/swarm/closed-page.ts';
import { taskHashOf } from '../../../src/core/swarm/service-spec.ts';

const spec = (more: Partial<ClosedPageParts> = {}) =>
  closedPageSpec({
    image: 'postgres:15@sha256:abc',
    contact: undefined,
    routes: [],
    tls: 'given',
    nodeId: 'node1',
    networkId: 'network1',
    forceUpdate: 0,
    ...more,
  });

describe('the service of the page for closed studies', () => {
  it('may nothing: one small task as nobody, without capabilities, ports, mounts or secrets', () => {
    const { TaskTemplate, Mode, EndpointSpec } = spec();

    expect(TaskTemplate.ContainerSpec).toMatchObject({ User: '65534:65534', CapabilityDrop: ['ALL'], Env: [] });
    for (const part of ['Mounts', 'Secrets', 'Configs']) expect(TaskTemplate.ContainerSpec).not.toHaveProperty(part);
    expect(TaskTemplate.Resources?.Limits).toEqual({ MemoryBytes: 64 * 1024 * 1024, Pids: 64 });
    expect(TaskTemplate.Networks).toEqual([{ Target: 'network1' }]);
    expect(TaskTemplate.Placement.Constraints).toEqual(['node.id==node1']);
    expect([Mode, EndpointSpec]).toEqual([{ Replicated: { Replicas: 1 } }, { Mode: 'dnsrr' }]);
  });

  it('keeps its task when only addresses change, and gets a new one for another contact', () => {
    const routes = [{ stack: 'auction', host: 'auction.lab.test' }];

    expect(taskHashOf(spec({ routes }))).toBe(taskHashOf(spec()));
    expect(taskHashOf(spec({ contact: 'lab@example.edu' }))).not.toBe(taskHashOf(spec()));
  });

  it('is never rolled back, because Swarm would bring old addresses back too', () => {
    expect(spec().UpdateConfig.FailureAction).toBe('pause');
  });
});

it('the script says in one line what an image without perl lacks', () => {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', closedPageScript, 'oforest', ''], {
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  });

  expect(status).toBe(123);
  expect(stderr).toMatch(/^oforest: this image has no perl.*\n$/);
});
