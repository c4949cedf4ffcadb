import { describe, expect, it } from 'vitest';
import { faultsByRule } from '../../../src/sandbox/engine/faults.ts';
import { createSandbox } from '../../../src/sandbox/sandbox.ts';
import { type DrivenTimeline, drivenTimeline } from '../../../src/sandbox/timeline.ts';
import { NoSpaceError } from '../../../src/sandbox/volumes/volume.ts';
import { Volumes } from '../../../src/sandbox/volumes/volumes.ts';
import { request } from '../../contract/http-client.ts';

const open = (saved?: ReturnType<ReturnType<typeof createSandbox>['toJSON']>) =>
  createSandbox({ timeline: drivenTimeline(), images: [], seed: 3, ...(saved && { saved }) });

describe('a volume', () => {
  it('has its files, labels and times again after the sandbox was closed', () => {
    const first = open();
    const volume = first.model.volumes.on('node1', 'trust_backups', { purpose: 'backups' });
    volume.write('b1.dump', Buffer.from([0, 255, 10]), { mode: 0o600 });
    const second = open(JSON.parse(JSON.stringify(first)));
    const found = second.model.volumes.find('node1', 'trust_backups');
    expect(found?.toJSON()).toEqual(volume.toJSON());
    expect(found?.read('b1.dump')).toEqual(Buffer.from([0, 255, 10]));
  });

  it('is one of its node: another node has another of the same name', () => {
    const volumes = new Volumes(() => 0);
    volumes.on('node1', 'store').write('word', Buffer.from('one'));
    expect(volumes.on('node2', 'store').paths).toEqual([]);
  });

  it('keeps as much as it has room for, and says so', () => {
    const volume = new Volumes(() => 0).on('node1', 'store');
    volume.troubles.push({ kind: 'full', freeBytes: 2 });
    expect(() => volume.write('word', Buffer.from('three'))).toThrow(NoSpaceError);
    expect(volume.read('word')?.toString()).toBe('th');
  });
});

it('brings the trouble of a fault to volumes that are there or come, and takes it away after its time', () => {
  const { model } = open();
  const there = model.volumes.on('node1', 'trust_backups');
  const end = model.volumes.trouble('_backups', { kind: 'full', freeBytes: 0 });
  expect([there.freeBytes, model.volumes.on('node1', 'other_db').freeBytes > 0]).toEqual([0, true]);
  end();
  expect(there.freeBytes).toBeGreaterThan(0);
  model.volumes.trouble('_later', { kind: 'connections-stay' });
  expect(model.volumes.on('node1', 'a_later').troubles).toEqual([{ kind: 'connections-stay' }]);
  expect(model.volumes.on('node1', 'b_later').troubles).toEqual([]);
});

it('is troubled by a fault of a request, for so long', async () => {
  const { model, engine, timeline, dialDocker } = open();
  const volume = model.volumes.on('node1', 'trust_backups');
  const fault = {
    kind: 'volume-trouble',
    volume: '_backups',
    trouble: { kind: 'full', freeBytes: 7 },
    ms: 1_000,
  } as const;
  engine.faults = faultsByRule([{ path: /^\/services/, fault }]);
  await request(dialDocker, 'GET', '/v1.41/services');
  expect(volume.freeBytes).toBe(7);
  (timeline as DrivenTimeline).advance(1_000);
  expect(volume.freeBytes).toBeGreaterThan(7);
});
