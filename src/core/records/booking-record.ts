import { Booking } from '../domain/booking.ts';
import { namesOf, parseStackName, type StackName } from '../domain/stack-name.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { checkFormat, isRecord, recordLabels } from './record.ts';

/** A booking never changes: it is made, and later removed. */
export interface BookingRecord {
  readonly booking: Booking;
  readonly configId: string;
}

export async function createBooking(booking: Booking, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const stack = parseStackName(booking.stack);
  const labels = recordLabels('booking', stack, {
    [label.time]: booking.from,
    [label.until]: booking.until,
  });
  await swarm.createConfig(namesOf(stack).bookingRecord(booking.id), labels, Buffer.from(JSON.stringify(booking)));
}

/** Those of one stack, or of all, the ones that are over included. */
export async function findBookings(
  stack: StackName | undefined,
  { swarm }: { swarm: SwarmGateway },
): Promise<readonly BookingRecord[]> {
  const filter = stack === undefined ? { label: label.kind, value: 'booking' } : { label: label.stack, value: stack };
  return bookingsIn(await swarm.listConfigs(filter));
}

/** Out of the configs of one stack. */
function bookingsIn(configs: readonly ConfigObject[]): readonly BookingRecord[] {
  return configs.filter((config) => isRecord(config, 'booking')).map(readBooking);
}

function readBooking(config: ConfigObject): BookingRecord {
  checkFormat(config);
  return { booking: Booking.parse(JSON.parse(config.Spec.Data.toString('utf8'))), configId: config.ID };
}
