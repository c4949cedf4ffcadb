import { findBookings } from '../../records/booking-record.ts';
import { holderOf } from '../../records/lock.ts';
import { isRecord } from '../../records/record.ts';
import type { Service } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import type { KeptStudy } from './timetable.ts';

/** All studies of the platform as the timetable needs them. Three calls, however many there are. */
export async function surveyStudies({ swarm }: { swarm: SwarmGateway }): Promise<readonly KeptStudy[]> {
  const [services, bookings, locks] = await Promise.all([
    swarm.listServices({ label: label.part, value: 'web' }),
    findBookings(undefined, { swarm }),
    swarm.listConfigs({ label: label.kind, value: 'lock' }),
  ]);
  const busy = new Set(
    locks
      .filter((config) => isRecord(config, 'lock') && holderOf(config) !== undefined)
      .map(({ Spec }) => Spec.Labels[label.stack]),
  );
  return services.flatMap(({ Spec, UpdatedAt }): KeptStudy[] => {
    const stack = Spec.Labels[label.stack];
    if (stack === undefined) return [];
    return [
      {
        stack,
        state: stateOf(Spec),
        changedAt: UpdatedAt,
        deletedUntil: Spec.Labels[label.until],
        bookings: bookings.map(({ booking }) => booking).filter((booking) => booking.stack === stack),
        busy: busy.has(stack),
      },
    ];
  });
}

function stateOf({ Labels, Mode }: Service['Spec']): KeptStudy['state'] {
  if (Labels[label.state] === 'retired') return 'deleted';
  return Mode.Replicated?.Replicas === 0 ? 'stopped' : 'running';
}
