import { namesOf } from '../../domain/stack-name.ts';
import { pruneOperations } from '../../records/operation-record.ts';
import type { ReleaseRecord } from '../../records/release-record.ts';
import type { Service } from '../../swarm/engine-types.ts';
import { label } from '../../swarm/labels.ts';
import { baseRelease, observeStack, servingNumber } from '../../swarm/observe-stack.ts';
import { ownSlots } from '../../swarm/slots.ts';
import { heldSeconds } from './backup-files.ts';
import type { StackRun } from './stack-run.ts';
import type { Step } from './step.ts';

const keptProven = 10;
const keptOthers = 5;

/** Removes secrets that are not current any more and records beyond those a person may still want. */
export function tidyStep(run: StackRun): Step {
  const { stack, swarm } = run;
  return {
    id: 'tidy',
    check: async () => false,
    async do() {
      const observed = await observeStack(stack, { swarm });
      const named = [...Object.values(ownSlots), ...(baseRelease(observed)?.state.secrets ?? [])];
      const current = new Set(named.map((slot) => observed.secrets[slot]?.id));
      const mounted = new Set(
        [observed.web, observed.db].flatMap((service) =>
          (service?.Spec.TaskTemplate.ContainerSpec?.Secrets ?? []).map(({ SecretID }) => SecretID),
        ),
      );
      for (const { ID } of observed.secretObjects)
        if (!current.has(ID) && !mounted.has(ID)) await swarm.removeSecret(ID);
      for (const { config } of dispensable(observed.releases, servingNumber(observed)))
        await swarm.removeConfig(config.ID);
      for (const { ID } of await leftLooks(run)) await swarm.removeService(ID);
      await pruneOperations(stack, { swarm });
    },
  };
}

/** Looks into the backups whose process was stopped before it could end them: none is held open for longer. */
async function leftLooks({ stack, swarm, clock }: StackRun): Promise<readonly Service[]> {
  const services = await swarm.listServices({ label: label.stack, value: stack });
  const oldest = clock.now().getTime() - heldSeconds * 1000;
  const isLook = namesOf(stack).look('');
  return services.filter(({ Spec, CreatedAt }) => Spec.Name.startsWith(isLook) && Date.parse(CreatedAt) < oldest);
}

/** Kept: the newest ten that were proven, the one that serves, those that wait for it, and the last few others. */
export function dispensable(releases: readonly ReleaseRecord[], serving: number | undefined): readonly ReleaseRecord[] {
  const waits = ({ outcome, number }: ReleaseRecord) => outcome === 'stored' && number > (serving ?? 0);
  const proven = releases.filter(({ outcome }) => outcome === 'proven').slice(keptProven);
  const others = releases.filter((release) => release.outcome !== 'proven' && !waits(release)).slice(keptOthers);
  // The newest number must stay known: failed numbers are not used again.
  return [...proven, ...others].filter(({ number }) => number !== serving && number !== releases[0]?.number);
}
