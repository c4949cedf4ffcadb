import { expect, it } from 'vitest';
import { findPlatform } from '../../../src/core/records/platform-record.ts';
import { clusterOf, playSession } from '../../support/sandbox-data.ts';
import { homeWithTrust } from '../sandbox-home.ts';

const home = homeWithTrust();

it('server prepare is refused while people are in a session, and says how to go on', async () => {
  playSession(home.lab, 'trust', { participants: 2 });
  const now = Math.floor(home.lab.sandbox.timeline.now() / 1000);
  for (const row of clusterOf(home.lab, 'trust').find('otree').table('otree_participant').rows)
    Object.assign(row, { _index_in_pages: 1, _last_request_timestamp: now, _last_page_timestamp: now });
  const prepare = ['server', 'prepare', '--http-port', '8080', '--yes'];

  const refused = await home.type(...prepare);
  expect(refused).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('trust: 2 people are on a page.') });
  expect(refused.stderr).toContain('--interrupt REASON');
  expect((await findPlatform(home.lab.server.swarm))?.httpPort).toBe(80);
});
