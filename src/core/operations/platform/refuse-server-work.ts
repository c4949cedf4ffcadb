import type { Clock } from '../../clock.ts';
import { refusalBy } from '../../domain/booking.ts';
import { describeGuard } from '../../domain/guard.ts';
import { ExpectedError } from '../../errors.ts';
import { findBookings } from '../../records/booking-record.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import type { ObservedPlatform } from '../../swarm/observe-platform.ts';
import { glanceEverywhere } from '../guard/glance-everywhere.ts';

const what = 'preparing the server';
/** Until Traefik runs again. */
const expectedSeconds = 60;

/**
 * Refuses what interrupts every study while one of them is to be left alone, as a change of that study itself would be:
 * throws `slot-booked` and `study-held`, and where no reason to interrupt is given `participants-present` and
 * `participants-unreadable`. People are seen as their databases tell at one look. Where Traefik does not run, nobody
 * reaches a study anyway, and repairing it disturbs nobody.
 */
export async function refuseServerWork(
  { manager, studies, traefikTasks }: ObservedPlatform,
  { interrupt }: { interrupt?: string | undefined },
  { swarm, clock }: { swarm: SwarmGateway; clock: Clock },
): Promise<void> {
  if (!traefikTasks.some(({ Status }) => Status.State === 'running')) return;
  const bookings = (await findBookings(undefined, { swarm })).map(({ booking }) => booking);
  for (const [stack, ofStack] of Map.groupBy(bookings, (booking) => booking.stack)) {
    const refusal = refusalBy(ofStack, new Date(manager.SystemTime), { expectedSeconds });
    if (!refusal) continue;
    const { code, now, hint, details, why } = refusal;
    throw new ExpectedError(code, what, {
      why: `It would interrupt every study, and ${stack} is to be left alone: ${why}`,
      ...{ now, hint, details },
    });
  }
  if (interrupt === undefined) await refusePeople(studies, { swarm, clock });
}

async function refusePeople(
  webs: ObservedPlatform['studies'],
  needs: { swarm: SwarmGateway; clock: Clock },
): Promise<void> {
  const inTheWay = [];
  for await (const seen of glanceEverywhere({ webs, ...needs }))
    if (seen.decision.verdict !== 'clear') inTheWay.push(seen);
  if (inTheWay.length === 0) return;
  inTheWay.sort((a, b) => (a.stack < b.stack ? -1 : 1));
  const areThere = inTheWay.some(({ decision }) => decision.verdict === 'refused');
  throw new ExpectedError(areThere ? 'participants-present' : 'participants-unreadable', what, {
    why: `It would interrupt every study. ${inTheWay.map(({ stack, decision }) => `${stack}: ${describeGuard(decision)}`).join(' ')}`,
    details: { studies: inTheWay.map(({ stack }) => stack) },
    now: 'Nothing was changed.',
    hint: 'Wait until nobody is in a session (`oforest list --people` shows who is), or disturb them with --interrupt REASON.',
  });
}
