import { describe, expect, it } from 'vitest';
import { confirm } from '../../src/cli/confirm.ts';
import { aContext } from './a-context.ts';

describe('a question', () => {
  it('without anybody to ask is a failure that repeats it and names the flag', async () => {
    await expect(confirm('Prepare lab like this?', 'preparing lab', aContext())).rejects.toMatchObject({
      code: 'confirmation-missing',
      message: 'preparing lab',
      why: 'Prepare lab like this?',
      now: 'Nothing was changed.',
      hint: 'Add --yes to confirm.',
    });
  });

  it('is answered by --yes', async () => {
    await expect(confirm('Prepare lab like this?', 'preparing lab', aContext({ yes: true }))).resolves.toBeUndefined();
  });
});
