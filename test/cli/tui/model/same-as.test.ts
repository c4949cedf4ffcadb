import { expect, it } from 'vitest';
import { sameAs } from '../../../../src/cli/tui/model/same-as.ts';

it('gives a restore no name to confirm: its command takes none', () => {
  const study = { experiment: 'trust', environment: 'production', stack: 'trust' };
  const given = { people: { kind: 'refuse' }, typedName: true } as const;

  expect(sameAs({ verb: 'restore', study, backup: 'b1' }, given)).toBe('oforest restore trust --backup b1');
  expect(sameAs({ verb: 'reset', study }, given)).toBe('oforest reset trust --confirm trust');
});
