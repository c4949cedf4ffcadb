import { expect, it } from 'vitest';
import { nounOfVerb } from '../../../src/core/domain/verb.ts';

it('is a noun after "the", also for verbs that are none by themselves and for those to come', () => {
  expect(['deploy', 'rollback', 'delete', 'address', 'shuffle'].map((verb) => `the ${nounOfVerb(verb)}`)).toEqual([
    'the deployment',
    'the rollback',
    'the deletion',
    'the change of address',
    'the shuffle',
  ]);
});
