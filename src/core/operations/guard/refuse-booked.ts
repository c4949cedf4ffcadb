import { refusalBy } from '../../domain/booking.ts';
import type { StackName } from '../../domain/stack-name.ts';
import { findBookings } from '../../records/booking-record.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';

/** Throws `slot-booked` or `study-held` when the study has to stay as it is; see `refusalBy`. By the manager's clock. */
export async function refuseBooked(
  stack: StackName,
  { expectedSeconds }: { expectedSeconds?: number },
  { swarm }: { swarm: SwarmGateway },
): Promise<void> {
  const [records, { SystemTime }] = await Promise.all([findBookings(stack, { swarm }), swarm.observeManager()]);
  const bookings = records.map(({ booking }) => booking);
  const refusal = refusalBy(bookings, new Date(SystemTime), { expectedSeconds });
  if (refusal) throw refusal;
}
