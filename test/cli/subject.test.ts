import { describe, expect, it } from 'vitest';
import { parseStudy } from '../../src/cli/subject.ts';

describe('the study that a command line names', () => {
  it('is the production one unless --env says otherwise', () => {
    expect(parseStudy('my-exp', { env: 'production' })).toEqual({
      experiment: 'my-exp',
      environment: 'production',
      stack: 'my-exp',
    });
    expect(parseStudy('my-exp', { env: 'staging' }).stack).toBe('my-exp--staging');
    expect(parseStudy('my-exp', { env: 'review-fix-3' }).stack).toBe('my-exp--r-fix-3');
  });

  it('is refused when experiment or environment is no name', () => {
    expect(() => parseStudy('My Exp', { env: 'production' })).toThrow(
      expect.objectContaining({ code: 'name-invalid' }),
    );
    expect(() => parseStudy('my-exp--staging', { env: 'production' })).toThrow(
      expect.objectContaining({ code: 'name-invalid' }),
    );
    expect(() => parseStudy('my-exp', { env: 'test' })).toThrow(expect.objectContaining({ code: 'name-invalid' }));
  });
});
