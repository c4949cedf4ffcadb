import type { RandomText } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { type Booking, checkTimes, notOver, overlaps } from '../domain/booking.ts';
import { asTyped, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { type BookingRecord, createBooking, findBookings } from '../records/booking-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { notDeployed } from './review/absent-study.ts';

interface Needs {
  readonly swarm: SwarmGateway;
  readonly random: RandomText;
}

export interface Booked {
  readonly booking: Booking;
  /** Others of the same study that share some of its time: allowed, and worth knowing. */
  readonly overlapping: readonly Booking[];
}

/** Keeps a study as it is for a lab session. Throws `usage-wrong` for its times, `experiment-not-found`. */
export function bookSlot(
  { stack, from, until }: { stack: StackName; from: Date; until: Date },
  actor: Actor,
  needs: Needs,
): Promise<Booked> {
  return place({ stack, type: 'slot', from, until, reason: '' }, actor, needs);
}

/** Keeps a study as it is from now on. Throws as `bookSlot`. */
export function placeHold(
  { stack, until, reason }: { stack: StackName; until: Date; reason: string },
  actor: Actor,
  needs: Needs,
): Promise<Booked> {
  return place({ stack, type: 'hold', from: undefined, until, reason }, actor, needs);
}

/** Not over yet, in the order they begin; of one study or of the whole server. Writes nothing. */
export async function listBookings(
  stack: StackName | undefined,
  { swarm }: { swarm: SwarmGateway },
): Promise<readonly Booking[]> {
  const [records, now] = await Promise.all([findBookings(stack, { swarm }), managerTime(swarm)]);
  return notOver(
    records.map(({ booking }) => booking),
    now,
  );
}

/** Takes back the holds of a study, or the one slot or hold of that id; returns them. Throws `booking-not-found`. */
export async function releaseHold(
  { stack, id }: { stack: StackName; id?: string | undefined },
  { swarm }: { swarm: SwarmGateway },
): Promise<readonly Booking[]> {
  const [records, now] = await Promise.all([findBookings(stack, { swarm }), managerTime(swarm)]);
  const current = records.filter(({ booking }) => !isOver(booking, now));
  const meant = current.filter(({ booking }) => (id === undefined ? booking.type === 'hold' : booking.id === id));
  if (meant.length === 0) throw noSuchBooking({ stack, id }, current);
  await removeAll([...meant, ...records.filter(({ booking }) => isOver(booking, now))], swarm);
  return meant.map(({ booking }) => booking);
}

/** Removes what is over, of one study or of all; harmless at any time, and twice. */
export async function pruneBookings(stack: StackName | undefined, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const [records, now] = await Promise.all([findBookings(stack, { swarm }), managerTime(swarm)]);
  await removeAll(
    records.filter(({ booking }) => isOver(booking, now)),
    swarm,
  );
}

async function place(
  draft: { stack: StackName; type: Booking['type']; from: Date | undefined; until: Date; reason: string },
  actor: Actor,
  { swarm, random }: Needs,
): Promise<Booked> {
  const { stack, type, reason } = draft;
  const [services, records, now] = await Promise.all([
    swarm.listServices({ label: label.stack, value: stack }),
    findBookings(stack, { swarm }),
    managerTime(swarm),
  ]);
  if (services.length === 0) throw notDeployed(stack);
  const booking: Booking = {
    format: 1,
    id: random(10),
    stack,
    type,
    from: (draft.from ?? now).toISOString(),
    until: draft.until.toISOString(),
    reason,
    actor,
    createdAt: now.toISOString(),
  };
  checkTimes(booking, now);
  await createBooking(booking, { swarm });
  await removeAll(
    records.filter((record) => isOver(record.booking, now)),
    swarm,
  );
  const others = records.map((record) => record.booking).filter((other) => overlaps(booking, other));
  return { booking, overlapping: notOver(others, now) };
}

function isOver({ until }: Booking, now: Date): boolean {
  return Date.parse(until) <= now.getTime();
}

async function removeAll(records: readonly BookingRecord[], swarm: SwarmGateway): Promise<void> {
  for (const { configId } of records) await swarm.removeConfig(configId);
}

/** Everybody goes by one clock, however wrong that of a laptop is. */
async function managerTime(swarm: SwarmGateway): Promise<Date> {
  return new Date((await swarm.observeManager()).SystemTime);
}

function noSuchBooking(
  { stack, id }: { stack: StackName; id?: string | undefined },
  current: readonly BookingRecord[],
): ExpectedError {
  const slots = current.filter(({ booking }) => booking.type === 'slot');
  return new ExpectedError('booking-not-found', `looking for ${id ?? 'a hold'} of ${stack}`, {
    why: id === undefined ? 'Nobody holds it.' : 'It has no slot and no hold of that id, or it is over.',
    now: 'Nothing was changed.',
    hint:
      id === undefined && slots.length > 0
        ? `Name the lab session that should go: \`oforest release-hold ${asTyped(stack)} --id ${slots[0]!.booking.id}\`.`
        : `Look at what there is with \`oforest book ${asTyped(stack)}\`.`,
    details: { current: current.map(({ booking }) => booking.id) },
  });
}
