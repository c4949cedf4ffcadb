import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import {
  bookSlot,
  listBookings,
  placeHold,
  pruneBookings,
  releaseHold,
} from '../../../src/core/operations/bookings.ts';
import { refuseBooked } from '../../../src/core/operations/guard/refuse-booked.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';
import { reviewTrust } from '../../support/trust-game.ts';

const trust = parseStackName('trust');
const anna = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
const minuteMs = 60_000;

describe('bookings on a Swarm', () => {
  let lab: SandboxLab;
  let ids = 0;
  const random = (length: number) => {
    ids += 1;
    return String(ids).padStart(length, 'b');
  };
  const needs = () => ({ swarm: lab.server.swarm, random });
  const inMinutes = (minutes: number) => new Date(lab.clock.now().getTime() + minutes * minuteMs);
  const pass = (minutes: number) => lab.clock.sleep(minutes * minuteMs, lab.signal);
  const book = (from: number, until: number) =>
    bookSlot({ stack: trust, from: inMinutes(from), until: inMinutes(until) }, anna, needs());
  const names = async () =>
    (await lab.server.swarm.listConfigs({ label: 'org.oforest.kind', value: 'booking' })).map(({ Spec }) => Spec.Name);

  beforeAll(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('of a study that was never deployed are refused', async () => {
    const stack = parseStackName('tryst');
    await expect(bookSlot({ stack, from: inMinutes(0), until: inMinutes(60) }, anna, needs())).rejects.toMatchObject({
      code: 'experiment-not-found',
    });
    await expect(book(60, 30)).rejects.toMatchObject({ code: 'usage-wrong' });
    expect(await names()).toEqual([]);
  });

  it('refuse from 10 minutes before their begin until they are over, and go by themselves', async () => {
    const { booking, overlapping } = await book(30, 60);
    expect(overlapping).toEqual([]);
    expect(await names()).toEqual([`of.book.trust.${booking.id}`]);

    await refuseBooked(trust, {}, lab.server);
    await expect(refuseBooked(trust, { expectedSeconds: 31 * 60 }, lab.server)).rejects.toMatchObject({
      code: 'slot-booked',
    });
    await pass(21);
    await expect(refuseBooked(trust, {}, lab.server)).rejects.toMatchObject({
      code: 'slot-booked',
      details: { booking: booking.id },
    });
    await pass(40);
    await refuseBooked(trust, {}, lab.server);
    expect(await listBookings(trust, lab.server)).toEqual([]);
    await pruneBookings(undefined, lab.server);
    await pruneBookings(undefined, lab.server);
    expect(await names()).toEqual([]);
  });

  it('may overlap, and say so; the next one removes what is over', async () => {
    const first = await book(0, 20);
    const hold = await placeHold({ stack: trust, until: inMinutes(90), reason: 'being checked' }, anna, needs());
    expect(hold.overlapping).toEqual([first.booking]);
    expect((await listBookings(undefined, lab.server)).map(({ id }) => id)).toEqual([
      first.booking.id,
      hold.booking.id,
    ]);

    await pass(30);
    const later = await book(50, 100);
    expect(later.overlapping).toEqual([hold.booking]);
    expect(await names()).toHaveLength(2);
  });

  it('are taken back: holds together, a slot by its id, and nothing else', async () => {
    const [hold, slot] = await listBookings(trust, lab.server);
    await expect(releaseHold({ stack: trust, id: 'nothing' }, lab.server)).rejects.toMatchObject({
      code: 'booking-not-found',
      details: { current: [hold?.id, slot?.id] },
    });
    expect(await releaseHold({ stack: trust }, lab.server)).toEqual([hold]);
    await expect(releaseHold({ stack: trust }, lab.server)).rejects.toMatchObject({
      code: 'booking-not-found',
      hint: `Name the lab session that should go: \`oforest release-hold trust --id ${slot?.id}\`.`,
    });
    expect(await releaseHold({ stack: trust, id: slot?.id }, lab.server)).toEqual([slot]);
    await refuseBooked(trust, {}, lab.server);
    expect(await names()).toEqual([]);
  });

  it('of a newer oForest are not misread', async () => {
    const { booking } = await book(0, 20);
    const { swarm } = lab.server;
    const config = await swarm.findConfig(`of.book.trust.${booking.id}`);
    await swarm.relabelConfig(config!, { ...config!.Spec.Labels, 'org.oforest.format': '2' });
    await expect(refuseBooked(trust, {}, lab.server)).rejects.toMatchObject({ code: 'format-too-new' });
    await swarm.removeConfig(config!.ID);
  });
});
