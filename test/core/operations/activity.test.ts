import { describe, expect, it } from 'vitest';
import { randomText } from '../../../src/core/clock.ts';
import type { OperationEvent } from '../../../src/core/domain/operation-event.ts';
import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import { listActivity } from '../../../src/core/operations/activity.ts';
import { readCancel, requestCancel } from '../../../src/core/operations/cancel-operation.ts';
import { acquireLock, beat } from '../../../src/core/records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../../../src/core/records/operation-record.ts';
import { aLabelledService, aRequest, aState, myExp } from '../../support/builders.ts';
import { openRecordLab } from '../../support/record-lab.ts';

const ben = { via: 'ssh', sshUser: 'ben', host: 'desk' } as const;
const other = parseStackName('other');
const clock = { now: () => new Date('2027-01-01T09:00:30Z'), sleep: async () => undefined };
const event = (more: object): OperationEvent =>
  ({ at: '2027-01-01T09:00:20.000Z', operation: 'operation1', ...more }) as OperationEvent;

const aBackupMade = event({ kind: 'backup-made', backup: 'b1', bytes: 900, rows: 15 });

async function openLab() {
  const lab = await openRecordLab();
  const record = (id: string, createdAt: string, stack = myExp) =>
    createOperationRecord({ request: aRequest({ id, createdAt, stack, actor: ben }) }, lab);
  return { ...lab, record };
}

describe('the activity', () => {
  it('is newest first, of one study or of all', async () => {
    await using lab = await openLab();
    await lab.record('older', '2027-01-01T08:00:00.000Z');
    await lab.record('newer', '2027-01-01T09:00:00.000Z');
    await lab.record('elsewhere', '2027-01-01T08:30:00.000Z', other);

    const ids = async (stack?: typeof other) => (await listActivity(stack, lab)).map(({ operation }) => operation);
    expect(await ids()).toEqual(['newer', 'elsewhere', 'older']);
    expect(await ids(other)).toEqual(['elsewhere']);
  });

  it('tells what runs now, and at which step', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    await acquireLock({ stack: myExp, operation: 'operation1', verb: 'deploy', actor: ben }, lab);
    const [accepted] = await listActivity(undefined, lab);
    expect(accepted).toMatchObject({ state: 'accepted', by: 'ben@desk (SSH, not verified)', step: undefined });

    const events = [
      event({ kind: 'step-started', step: 'start-database' }),
      event({ kind: 'waiting', step: 'start-database', on: 'it' }),
    ];
    await noteOperation('operation1', { state: 'running', events }, lab);
    expect(await listActivity(myExp, lab)).toEqual([
      {
        operation: 'operation1',
        stack: 'my-exp',
        verb: aRequest().verb,
        by: 'ben@desk (SSH, not verified)',
        startedAt: '2027-01-01T09:00:00.000Z',
        state: 'running',
        endedAt: undefined,
        step: 'start-database',
        place: { step: 1, of: 8 },
        before: undefined,
        release: undefined,
        backup: undefined,
        error: undefined,
        cancelledBy: undefined,
        asked: {},
      },
    ]);
  });

  it('tells the backup that was made', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    await noteOperation('operation1', { events: [aBackupMade] }, lab);

    const [made] = await listActivity(myExp, lab);
    expect(made?.backup).toEqual({ id: 'b1', at: aBackupMade.at, rows: 15 });
  });

  it('tells what each was to do, so that it can be asked for again', async () => {
    await using lab = await openLab();
    const state = aState({ environment: 'staging', imageGiven: 'lab/my-exp:v2' });
    const ran = { kind: 'run-release' as const, state, source: undefined, newSecrets: [], addColumns: true };
    const restored = { kind: 'restore', backup: 'b1', foreign: false } as const;
    const study = { experiment: 'my-exp', environment: 'staging' };
    const asked = async (request: Parameters<typeof aRequest>[0]) => {
      const id = randomText(10);
      await createOperationRecord({ request: aRequest({ id, ...request }) }, lab);
      return (await listActivity(myExp, lab)).find(({ operation }) => operation === id)?.asked;
    };

    expect(await asked({ verb: 'deploy', work: ran })).toEqual({ study, image: 'lab/my-exp:v2', addColumns: true });
    expect(await asked({ verb: 'rollback', work: { ...ran, addColumns: false, source: 3 } })).toEqual({
      study,
      release: 3,
    });
    expect(await asked({ verb: 'variable', work: ran })).toEqual({ study });
    expect(await asked({ verb: 'restore', work: restored })).toEqual({ backup: 'b1' });
    expect(await asked({ verb: 'restore', work: { ...restored, foreign: true } })).toEqual({});
    expect(await asked({ verb: 'stop', work: { kind: 'stop' } })).toEqual({});
  });

  it.each([undefined, myExp])('calls stale what nobody is at work on any more (of %s)', async (stack) => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const lock = await acquireLock({ stack: myExp, operation: 'operation1', verb: 'deploy', actor: ben }, lab);
    await noteOperation('operation1', { state: 'running' }, lab);
    const state = async () => (await listActivity(stack, lab))[0]?.state;

    lab.pass(59);
    expect(await state()).toBe('running');
    await beat(lock, lab);
    lab.pass(59);
    expect(await state()).toBe('running');
    lab.pass(1);
    expect(await state()).toBe('stale');
  });

  it('calls stale what has lost its lock to another', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    await acquireLock({ stack: myExp, operation: 'operation2', verb: 'deploy', actor: ben }, lab);
    expect((await listActivity(myExp, lab))[0]?.state).toBe('stale');
  });

  it('has what a newer oForest does in among the rest, in its own words', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const newer = {
      ...aRequest({ id: 'operation2', verb: 'shuffle' }),
      work: { kind: 'shuffle' },
      plan: [{ is: 'new' }],
    };
    await createOperationRecord({ request: newer as unknown as ReturnType<typeof aRequest> }, lab);
    const started = event({ kind: 'step-started', step: 'prove' });
    await noteOperation('operation2', { state: 'running', events: [started] }, lab);

    const all = await listActivity(myExp, lab);
    expect(all.map(({ operation, verb, place }) => ({ operation, verb, place }))).toContainEqual({
      operation: 'operation2',
      verb: 'shuffle',
      place: undefined,
    });
    expect(all).toHaveLength(2);
  });

  it('tells how each ended, and why', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const error = { code: 'image-crashed', what: 'trying v2', why: 'It needs pandas.', hint: 'Add it.' };
    const failed = event({ kind: 'operation-failed', error });
    await noteOperation('operation1', { state: 'failed', events: [failed] }, lab);
    expect((await listActivity(myExp, lab))[0]).toMatchObject({
      state: 'failed',
      endedAt: '2027-01-01T09:00:20.000Z',
      step: undefined,
      error: { code: 'image-crashed', what: 'trying v2', why: 'It needs pandas.' },
    });
  });

  it('of a study without any is empty, and of an unknown study a refusal', async () => {
    await using lab = await openLab();
    await expect(listActivity(myExp, lab)).rejects.toMatchObject({ code: 'experiment-not-found' });
    await lab.swarm.createService(aLabelledService('my-exp_web', { 'org.oforest.stack': 'my-exp' }));
    expect(await listActivity(myExp, lab)).toEqual([]);
  });
});

describe('asking an operation to stop', () => {
  it('leaves who asked and when in its record, once', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const cancel = (actor: Parameters<typeof requestCancel>[1]) =>
      requestCancel('operation1', actor, { swarm: lab.swarm, clock });

    expect(readCancel((await findOperation('operation1', lab))!.config)).toBeUndefined();
    expect(await cancel(ben)).toEqual({ stack: 'my-exp', verb: aRequest().verb, outcome: 'requested' });
    expect(await cancel({ via: 'keeper' })).toMatchObject({ outcome: 'unchanged' });
    expect(readCancel((await findOperation('operation1', lab))!.config)).toEqual({
      actor: ben,
      at: '2027-01-01T09:00:30.000Z',
    });
    expect((await listActivity(myExp, lab))[0]?.cancelledBy).toBe('ben@desk (SSH, not verified)');
  });

  it('loses nothing that is noted at the same moment', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const started = event({ kind: 'step-started', step: 'prove' });
    lab.beforeNextWrite(() => noteOperation('operation1', { state: 'running', events: [started] }, lab));
    await requestCancel('operation1', ben, { swarm: lab.swarm, clock });
    await noteOperation('operation1', { events: [event({ kind: 'step-started', step: 'settle' })] }, lab);

    const record = (await findOperation('operation1', lab))!;
    expect(record).toMatchObject({ state: 'running', events: [{ step: 'prove' }, { step: 'settle' }] });
    expect(readCancel(record.config)?.actor).toEqual(ben);
  });

  it('is refused for one that has ended, or ends at that moment, or never was', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    lab.beforeNextWrite(() => noteOperation('operation1', { state: 'succeeded' }, lab));
    const cancel = (id: string) => requestCancel(id, ben, { swarm: lab.swarm, clock });

    await expect(cancel('operation1')).rejects.toMatchObject({
      code: 'operation-not-found',
      why: 'It has ended already: succeeded.',
      now: 'Nothing was changed.',
    });
    await expect(cancel('unknown')).rejects.toMatchObject({ code: 'operation-not-found' });
  });

  it('counts although its text is damaged', async () => {
    await using lab = await openLab();
    await lab.record('operation1', '2027-01-01T09:00:00.000Z');
    const { config } = (await findOperation('operation1', lab))!;
    await lab.swarm.relabelConfig(config, { ...config.Spec.Labels, 'org.oforest.cancel': 'yes' });
    expect(readCancel((await findOperation('operation1', lab))!.config)).toBeDefined();
  });
});
