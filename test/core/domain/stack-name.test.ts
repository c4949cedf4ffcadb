import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../../src/core/domain/experiment-name.ts';
import { namesOf, parseStackName, stackName } from '../../../src/core/domain/stack-name.ts';
import { hostileNames } from '../../support/hostile.ts';
import { parsedOrRefused } from './generate.ts';

const stackOf = (experiment: string, environment: string) =>
  stackName(parseExperimentName(experiment), parseEnvironment(environment));

describe('the name of a stack', () => {
  it('is the experiment in production, and has a suffix elsewhere', () => {
    expect(stackOf('trust', 'production')).toBe('trust');
    expect(stackOf('trust', 'staging')).toBe('trust--staging');
    expect(stackOf('trust', 'review-fix-3')).toBe('trust--r-fix-3');
  });

  it('keeps every derived name inside the limits of Docker, for the longest stack', () => {
    const longest = stackOf('a'.repeat(24), 'review-feature/payment');
    expect(longest.length).toBe(38);
    const names = namesOf(longest);
    for (const service of [names.web, names.db, names.trial]) expect(service.length).toBeLessThanOrEqual(63);
    expect(names.secret('x'.repeat(10)).length).toBeLessThanOrEqual(64);
    for (const record of [names.lockRecord, names.releaseRecord(999_999), names.operationRecord('x'.repeat(10))])
      expect(record.length).toBeLessThanOrEqual(64);
    for (const other of [names.network, names.dbVolume, names.backupsVolume])
      expect(other.length).toBeLessThanOrEqual(63);
    // Its first label of the host.
    expect(longest.length).toBeLessThanOrEqual(63);
  });

  it('reads back every name it makes', () => {
    for (const environment of [
      'production',
      'staging',
      'review-main',
      'review-feature/x',
      `review-${'z'.repeat(99)}`,
    ]) {
      const stack = stackOf('my-exp-2', environment);
      expect(parseStackName(stack)).toBe(stack);
    }
  });

  it.each([
    'my-exp--',
    '--staging',
    'my-exp--other',
    'my-exp--r-',
    'my-exp--staging--staging',
    'my-exp---staging',
    'ab',
  ])('refuses "%s"', (text) => {
    expect(parsedOrRefused(parseStackName, text)).toBeUndefined();
  });

  it('refuses every hostile name but the one stack among them', () => {
    const accepted = hostileNames.filter((name) => parsedOrRefused(parseStackName, name) !== undefined);
    expect(accepted).toEqual(['my-exp--staging']);
  });
});
