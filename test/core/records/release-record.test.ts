import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRelease, noteRelease, type ReleaseDraft, releasesIn } from '../../../src/core/records/release-record.ts';
import { aState, digestOf, myExp, withImage } from '../../support/builders.ts';
import { openRecordLab, type RecordLab } from '../../support/record-lab.ts';

const draft: ReleaseDraft = {
  state: aState(),
  author: { via: 'ssh', sshUser: 'ada', host: 'laptop' },
  createdAt: '2027-01-01T09:00:00.000Z',
};
const create = (lab: RecordLab, operation: string, more: Partial<ReleaseDraft> = {}) =>
  createRelease({ stack: myExp, operation, draft: { ...draft, ...more } }, lab);

describe('the record of a release', () => {
  it('holds the whole wanted state, and in its labels what a list needs', async () => {
    await using lab = await openRecordLab();
    const release = await create(lab, 'operation1', { state: withImage('b'), source: 4 });

    const { Data, Labels } = lab.config('of.rel.my-exp.1').Spec;
    expect(JSON.parse(gunzipSync(Data).toString())).toEqual({
      format: 1,
      number: 1,
      ...draft,
      state: withImage('b'),
      source: 4,
    });
    expect(Labels).toEqual({
      'org.oforest.kind': 'release',
      'org.oforest.format': '1',
      'org.oforest.stack': 'my-exp',
      'org.oforest.number': '1',
      'org.oforest.state': 'applying',
      'org.oforest.digest': digestOf('b'),
      'org.oforest.author': 'ada@laptop (SSH, not verified)',
      'org.oforest.time': '2027-01-01T09:00:00.000Z',
      'org.oforest.operation': 'operation1',
      'org.oforest.source': '4',
    });
    expect(release).toMatchObject({ number: 1, outcome: 'applying', source: 4, state: withImage('b') });
  });

  it('is not removed with the stack: it carries no namespace of docker stack', async () => {
    await using lab = await openRecordLab();
    await create(lab, 'operation1');

    expect(lab.config('of.rel.my-exp.1').Spec.Labels).not.toHaveProperty('com.docker.stack.namespace');
  });

  it('takes the next number, also after a failed one', async () => {
    await using lab = await openRecordLab();
    await create(lab, 'operation1');
    await noteRelease({ name: 'of.rel.my-exp.1', labels: { 'org.oforest.state': 'failed' } }, lab);

    expect((await create(lab, 'operation2')).number).toBe(2);
  });

  it('takes another number when somebody was quicker', async () => {
    await using lab = await openRecordLab();
    lab.beforeNextWrite(() => create(lab, 'quicker'));

    expect((await create(lab, 'slower')).number).toBe(2);
    expect(lab.config('of.rel.my-exp.1').Spec.Labels['org.oforest.operation']).toBe('quicker');
  });

  it('is the one that was written, when the answer to the write was lost', async () => {
    await using lab = await openRecordLab();
    lab.beforeNextWrite(() => create(lab, 'operation1'));

    expect((await create(lab, 'operation1')).number).toBe(1);
    expect(lab.configs).toHaveLength(1);
  });

  it('stays small with as many settings as a study may have', async () => {
    await using lab = await openRecordLab();
    const variables = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`VARIABLE_${index}`, `value ${index}`]),
    );
    await create(lab, 'operation1', { state: aState({ variables }) });

    expect(lab.config('of.rel.my-exp.1').Spec.Data.length).toBeLessThan(2048);
  });
});

describe('what became of a release', () => {
  it('is added to what is there, whoever writes meanwhile', async () => {
    await using lab = await openRecordLab();
    await create(lab, 'operation1');
    const name = 'of.rel.my-exp.1';
    lab.beforeNextWrite(() => noteRelease({ name, labels: { 'org.oforest.otree': '6.0.15' } }, lab));
    await noteRelease({ name, labels: { 'org.oforest.state': 'proven' } }, lab);

    expect(releasesIn(lab.configs)).toEqual([
      expect.objectContaining({ number: 1, outcome: 'proven', otree: '6.0.15' }),
    ]);
  });

  it('of one that was removed is nobody’s loss', async () => {
    await using lab = await openRecordLab();
    await expect(noteRelease({ name: 'of.rel.my-exp.9', labels: {} }, lab)).resolves.toBeUndefined();
  });
});

describe('the releases among the configs of a stack', () => {
  it('come newest first by number, without other records', async () => {
    await using lab = await openRecordLab();
    for (let number = 1; number <= 11; number += 1) await create(lab, `operation${number}`);
    await lab.swarm.createConfig('of.lock.my-exp', { 'org.oforest.kind': 'lock' }, Buffer.from('{}'));

    expect(releasesIn(lab.configs).map(({ number }) => number)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('are not read when a newer oForest wrote one', async () => {
    await using lab = await openRecordLab();
    await create(lab, 'operation1');
    const config = lab.config('of.rel.my-exp.1');
    await lab.swarm.relabelConfig(config, { ...config.Spec.Labels, 'org.oforest.format': '2' });

    expect(() => releasesIn(lab.configs)).toThrow(expect.objectContaining({ code: 'format-too-new' }));
  });
});
