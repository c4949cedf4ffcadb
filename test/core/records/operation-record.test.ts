import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/core/domain/operation-event.ts';
import { ExpectedError } from '../../../src/core/errors.ts';
import {
  createOperationRecord,
  findOperation,
  noteOperation,
  operationsIn,
  pruneOperations,
  refuseNewer,
} from '../../../src/core/records/operation-record.ts';
import type { SwarmGateway } from '../../../src/core/swarm/gateway.ts';
import { aRequest, myExp } from '../../support/builders.ts';
import { openRecordLab } from '../../support/record-lab.ts';

const waiting = (on: string): OperationEvent => ({
  kind: 'waiting',
  step: 'prove',
  on,
  at: '2027-01-01T09:00:01.000Z',
  operation: 'operation1',
});

describe('the record of an operation', () => {
  it('is found by id alone, with the request as it was written', async () => {
    await using lab = await openRecordLab();
    const request = aRequest({ id: 'k3f9x2m7qa', verb: 'stop', work: { kind: 'stop' } });
    await createOperationRecord({ request }, lab);

    expect(await findOperation('k3f9x2m7qa', lab)).toMatchObject({ request, state: 'accepted', events: [] });
    expect(lab.config('of.op.my-exp.k3f9x2m7qa').Spec.Labels).toMatchObject({
      'org.oforest.kind': 'operation',
      'org.oforest.stack': 'my-exp',
      'org.oforest.verb': 'stop',
    });
  });

  it('of a newer oForest can be read, whatever it asks for, and is only then not to be run', async () => {
    await using lab = await openRecordLab();
    const known = aRequest({ id: 'promote', verb: 'promote' });
    const unknown = { ...aRequest({ id: 'shuffle', verb: 'shuffle' }), plan: [{ action: 'shuffle' }] };
    await createOperationRecord({ request: known }, lab);
    const work = { kind: 'shuffle', seed: 4 };
    await createOperationRecord({ request: { ...unknown, work } as unknown as typeof known }, lab);

    const [promote, shuffle] = await Promise.all([findOperation('promote', lab), findOperation('shuffle', lab)]);
    expect(promote?.request).toEqual(known);
    expect(() => refuseNewer(promote!.request)).not.toThrow();
    expect(shuffle?.request).toMatchObject({ verb: 'shuffle', plan: [], work: { kind: 'newer', asked: 'shuffle' } });
    expect(() => refuseNewer(shuffle!.request)).toThrow(expect.objectContaining({ code: 'format-too-new' }));
  });

  it('is not taken for one of a newer oForest where only its details are wrong', async () => {
    await using lab = await openRecordLab();
    const work = { kind: 'restore' } as unknown as ReturnType<typeof aRequest>['work'];
    await createOperationRecord({ request: aRequest({ work }) }, lab);

    await expect(findOperation('operation1', lab)).rejects.toThrow('backup');
  });

  it('is not mistaken for a release or a lock of the same operation', async () => {
    await using lab = await openRecordLab();
    const labels = { 'org.oforest.kind': 'release', 'org.oforest.operation': 'operation1' };
    await lab.swarm.createConfig('of.rel.my-exp.1', labels, Buffer.from('{}'));

    expect(await findOperation('operation1', lab)).toBeUndefined();
  });

  it('collects events in order, and who runs it', async () => {
    await using lab = await openRecordLab();
    await createOperationRecord({ request: aRequest() }, lab);
    await noteOperation('operation1', { events: [waiting('one')], state: 'running', runner: 'laptop:1' }, lab);
    await noteOperation('operation1', { events: [waiting('two')] }, lab);

    expect(await findOperation('operation1', lab)).toMatchObject({
      state: 'running',
      events: [waiting('one'), waiting('two')],
    });
    expect(lab.config('of.op.my-exp.operation1').Spec.Labels['org.oforest.runner']).toBe('laptop:1');
  });

  it.each([
    ['was done, and only its answer lost', true],
    ['was not done', false],
  ])('notes an event once when the first write %s', async (_what, isDone) => {
    await using lab = await openRecordLab();
    await createOperationRecord({ request: aRequest() }, lab);
    const { relabelConfig } = lab.swarm;
    let writes = 0;
    const swarm: SwarmGateway = {
      ...lab.swarm,
      async relabelConfig(config, labels) {
        writes += 1;
        if (writes > 1) return relabelConfig(config, labels);
        if (isDone) await relabelConfig(config, labels);
        throw new ExpectedError('connection-lost', 'writing the record');
      },
    };
    await noteOperation('operation1', { events: [waiting('one')] }, { swarm });

    expect((await findOperation('operation1', lab))?.events).toEqual([waiting('one')]);
    expect(writes).toBe(isDone ? 1 : 2);
  });

  it('gives up a note that cannot be written', async () => {
    await using lab = await openRecordLab();
    await createOperationRecord({ request: aRequest() }, lab);
    const relabelConfig = () => Promise.reject(new ExpectedError('quorum-lost', 'writing the record'));

    const noting = noteOperation(
      'operation1',
      { events: [waiting('one')] },
      { swarm: { ...lab.swarm, relabelConfig } },
    );

    await expect(noting).rejects.toMatchObject({ code: 'quorum-lost' });
  });

  it('loses no event to somebody who writes at the same moment', async () => {
    await using lab = await openRecordLab();
    await createOperationRecord({ request: aRequest() }, lab);
    lab.beforeNextWrite(() => noteOperation('operation1', { events: [waiting('theirs')] }, lab));
    await noteOperation('operation1', { events: [waiting('ours')] }, lab);

    expect((await findOperation('operation1', lab))?.events).toEqual([waiting('theirs'), waiting('ours')]);
  });

  it('is closed for good once it ended', async () => {
    await using lab = await openRecordLab();
    await createOperationRecord({ request: aRequest() }, lab);
    await noteOperation('operation1', { state: 'interrupted' }, lab);
    await noteOperation('operation1', { events: [waiting('a woken runner')], state: 'succeeded' }, lab);

    expect(await findOperation('operation1', lab)).toMatchObject({ state: 'interrupted', events: [] });
  });
});

describe('the operations of a stack', () => {
  async function six() {
    const lab = await openRecordLab();
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const request = aRequest({ id: `operation${number}`, createdAt: `2027-01-0${number}T09:00:00.000Z` });
      await createOperationRecord({ request }, lab);
      if (number !== 1) await noteOperation(request.id, { state: 'succeeded' }, lab);
    }
    return lab;
  }

  it('come newest first', async () => {
    await using lab = await six();

    expect(operationsIn(lab.configs).map(({ request }) => request.id)[0]).toBe('operation6');
  });

  it('are kept when they are the last five that ended, or have not ended', async () => {
    await using lab = await six();
    const request = aRequest({ id: 'operation7', createdAt: '2027-01-07T09:00:00.000Z' });
    await createOperationRecord({ request }, lab);
    await noteOperation('operation7', { state: 'failed' }, lab);
    await pruneOperations(myExp, lab);

    expect(operationsIn(lab.configs).map(({ request: { id } }) => id)).toEqual([
      'operation7',
      'operation6',
      'operation5',
      'operation4',
      'operation3',
      'operation1',
    ]);
  });

  it('are kept when no later one made a backup: how old that is would be forgotten', async () => {
    await using lab = await six();
    const at = '2027-01-01T09:00:00.000Z';
    const made = { at, operation: 'operation1', kind: 'backup-made', backup: 'b1', bytes: 900, rows: 15 } as const;
    await noteOperation('operation1', { events: [made], state: 'succeeded' }, lab);
    await pruneOperations(myExp, lab);

    expect(operationsIn(lab.configs).map(({ request: { id } }) => id)).toHaveLength(6);
  });
});
