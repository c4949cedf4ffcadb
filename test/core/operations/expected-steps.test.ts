import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/core/domain/operation-event.ts';
import { expectedSteps } from '../../../src/core/operations/expected-steps.ts';
import type { Review } from '../../../src/core/operations/review.ts';
import {
  reviewDeploy,
  reviewRestart,
  reviewRollback,
  reviewStart,
  reviewStop,
} from '../../../src/core/operations/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from '../../../src/core/operations/review-data.ts';
import { findOperation } from '../../../src/core/records/operation-record.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';
import { trust } from '../../support/trust-game.ts';

let lab: SandboxLab;
let backup = '';
beforeAll(async () => {
  lab = await openSandboxLab();
  await lab.prepare();
});
afterAll(() => lab[Symbol.asyncDispose]());

const deploy = (name: string) =>
  reviewDeploy({ ...trust, image: lab.image(name) }, { ...lab.server, signal: lab.signal });

/** One life of a study, in which each verb comes. */
const life: readonly (readonly [string, () => Promise<Review>])[] = [
  ['the first deployment', () => deploy('samples/trust-game:v1')],
  ['a deployment', () => deploy('samples/trust-game:v2')],
  ['a rollback', () => reviewRollback({ ...trust, to: 1 }, lab.server)],
  ['a restart', () => reviewRestart(trust, lab.server)],
  ['a stop', () => reviewStop(trust, lab.server)],
  ['a start', () => reviewStart(trust, lab.server)],
  ['a backup', () => reviewBackup(trust, lab.server)],
  ['a reset', () => reviewReset(trust, lab.server)],
  ['an undo', () => reviewUndo(trust, lab.server)],
  ['a restore', () => reviewRestore({ ...trust, backup }, lab.server)],
  ['another stop', () => reviewStop(trust, lab.server)],
  ['a reset of what is stopped', () => reviewReset(trust, lab.server)],
  ['deleting', () => reviewDelete({ ...trust, now: lab.clock.now() }, lab.server)],
  ['bringing it back', () => reviewUndelete(trust, lab.server)],
  ['deleting again', () => reviewDelete({ ...trust, now: lab.clock.now() }, lab.server)],
];

it.each(life)('are those that %s has', async (_, review) => {
  const events = await lab.run(await review());

  const end = events.at(-1);
  const record = await findOperation(end?.operation ?? '', lab.server);
  expect(end).toMatchObject({ kind: 'operation-finished' });
  if (end?.kind === 'operation-finished') backup = end.result.backup ?? backup;
  expect(record && expectedSteps(record.request)).toEqual(stepsIn(events));
});

it('are those of removing for good, which leaves no record', async () => {
  const review = await reviewPurge(trust, lab.server);
  const events = await lab.run(review);

  const request = { ...review, before: { stopped: true }, guard: {}, id: '', actor: {}, createdAt: '', format: 1 };
  expect(expectedSteps(request as unknown as Parameters<typeof expectedSteps>[0])).toEqual(stepsIn(events));
});

/** In the order in which they were begun, or found to be done already. */
function stepsIn(events: readonly OperationEvent[]): readonly string[] {
  const open = new Set<string>();
  return events.flatMap((event) => {
    if (event.kind === 'step-started') open.add(event.step);
    else if (event.kind !== 'step-finished' || open.delete(event.step)) return [];
    return [event.step];
  });
}
