import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomText } from '../../../src/core/clock.ts';
import { parseHostName } from '../../../src/core/domain/host-name.ts';
import { expectedSteps } from '../../../src/core/operations/expected-steps.ts';
import type { Review } from '../../../src/core/operations/review/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from '../../../src/core/operations/review/review-data.ts';
import { reviewAddress, reviewDeploy, reviewRollback } from '../../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStart, reviewStop } from '../../../src/core/operations/review/review-running.ts';
import { startOperation } from '../../../src/core/operations/start-operation.ts';
import { findOperation } from '../../../src/core/records/operation-record.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';
import { stepsTaken } from '../../support/steps-taken.ts';
import { trust } from '../../support/trust-game.ts';

let lab: SandboxLab;
let backup = '';
beforeAll(async () => {
  lab = await openSandboxLab();
  await lab.prepare();
});
afterAll(() => lab[Symbol.asyncDispose]());

const deploy = (name: string, options: { addColumns?: boolean } = {}) =>
  reviewDeploy({ ...trust, ...options, image: lab.image(name) }, { ...lab.server, signal: lab.signal });

/** One life of a study, in which each verb comes. */
const life: readonly { of: string; review: () => Promise<Review>; interrupt?: string }[] = [
  { of: 'the first deployment', review: () => deploy('samples/trust-game:v1') },
  { of: 'a deployment', review: () => deploy('samples/trust-game:v2') },
  { of: 'a deployment that adds columns', review: () => deploy('samples/trust-game:v4', { addColumns: true }) },
  {
    of: 'another address, for which oTree is not restarted',
    review: () => reviewAddress({ ...trust, host: parseHostName('other.lab.test') }, lab.server),
  },
  { of: 'a rollback', review: () => reviewRollback({ ...trust, to: 1 }, lab.server) },
  { of: 'a restart', review: () => reviewRestart(trust, lab.server) },
  { of: 'a restart that interrupts people', review: () => reviewRestart(trust, lab.server), interrupt: 'a fire alarm' },
  { of: 'a stop', review: () => reviewStop(trust, lab.server) },
  { of: 'a start', review: () => reviewStart(trust, lab.server) },
  { of: 'a backup', review: () => reviewBackup(trust, lab.server) },
  { of: 'a reset', review: () => reviewReset(trust, lab.server) },
  { of: 'an undo', review: () => reviewUndo(trust, lab.server) },
  { of: 'a restore', review: () => reviewRestore({ ...trust, backup }, lab.server) },
  {
    of: 'a restore of what came from elsewhere',
    review: () => reviewRestore({ ...trust, backup, foreign: true }, lab.server),
  },
  { of: 'another stop', review: () => reviewStop(trust, lab.server) },
  { of: 'a reset of what is stopped', review: () => reviewReset(trust, lab.server) },
  { of: 'deleting', review: () => reviewDelete({ ...trust, now: lab.clock.now() }, lab.server) },
  { of: 'bringing it back', review: () => reviewUndelete(trust, lab.server) },
  { of: 'deleting again', review: () => reviewDelete({ ...trust, now: lab.clock.now() }, lab.server) },
  { of: 'removing it for good', review: () => reviewPurge(trust, lab.server) },
];

it.each(life)('are those of $of', async ({ review, interrupt }) => {
  const guard = { ignoreOpenPages: false, interrupt };
  const needs = { swarm: lab.server.swarm, clock: lab.clock, random: randomText };
  const id = await startOperation(await review(), { actor: { via: 'keeper' }, guard }, needs);
  const events = await lab.runAccepted(id);

  const end = events.at(-1);
  const record = await findOperation(id, lab.server);
  expect(end).toMatchObject({ kind: 'operation-finished' });
  if (end?.kind === 'operation-finished') backup = end.result.backup ?? backup;
  expect(record && expectedSteps(record.request)).toEqual(stepsTaken(events));
});
