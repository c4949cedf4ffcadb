import type { StackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import { loadPlatform } from '../../records/platform-record.ts';
import { closedPageName, withClosedRoutes } from '../../swarm/closed-page.ts';
import type { Service } from '../../swarm/engine-types.ts';
import { dockerLabel } from '../../swarm/labels.ts';
import { type ClosedRoute, closedRoutesOf, routeTlsOf } from '../../swarm/traefik-labels.ts';
import { platformStack } from '../../swarm/traefik-service.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Step } from './step.ts';

/** All closed studies share one service: many operations may write to it at the same moment. */
const maxTries = 25;

type Needs = Pick<StackRun, 'stack' | 'swarm' | 'clock' | 'signal'>;

/**
 * The study's address says "This study is closed" from now on; while the study runs, its own router wins. On a platform
 * that was prepared before there was such a page, a notice says what to do.
 */
export function showClosedStep(run: Needs, host: string): Step {
  const { stack } = run;
  return {
    id: 'show-closed',
    check: async () => {
      const page = await findClosedPage(run);
      return page !== undefined && hostsOf(page, stack).join() === host;
    },
    async *do() {
      const isWritten = await writeRoutes(run, (routes) => [...othersIn(routes, stack), { stack, host }]);
      if (!isWritten) yield { kind: 'notice', notice: { code: 'closed-page-missing' } };
    },
  };
}

/** The study's address is nobody's but its own again. */
export function hideClosedStep(run: Needs): Step {
  const { stack } = run;
  return {
    id: 'hide-closed',
    check: async () => {
      const page = await findClosedPage(run);
      return page === undefined || hostsOf(page, stack).length === 0;
    },
    async do() {
      await writeRoutes(run, (routes) => othersIn(routes, stack));
    },
  };
}

async function findClosedPage({ swarm }: Pick<Needs, 'swarm'>): Promise<Service | undefined> {
  const services = await swarm.listServices({ label: dockerLabel.namespace, value: platformStack });
  return services.find(({ Spec }) => Spec.Name === closedPageName);
}

function hostsOf({ Spec }: Service, stack: StackName): readonly string[] {
  return closedRoutesOf(Spec.Labels).flatMap((route) => (route.stack === stack ? [route.host] : []));
}

function othersIn(routes: readonly ClosedRoute[], stack: StackName): readonly ClosedRoute[] {
  return routes.filter((route) => route.stack !== stack);
}

/** Compare-and-set until nobody wrote in between; false where there is no such page. Throws `version-conflict` at last. */
async function writeRoutes(
  { swarm, clock, signal }: Needs,
  change: (routes: readonly ClosedRoute[]) => readonly ClosedRoute[],
): Promise<boolean> {
  const tls = routeTlsOf(await loadPlatform(swarm));
  for (let tries = 1; ; tries += 1) {
    const page = await findClosedPage({ swarm });
    if (!page) return false;
    try {
      await swarm.updateService(page, withClosedRoutes(page, change(closedRoutesOf(page.Spec.Labels)), tls));
      return true;
    } catch (error) {
      const again = error instanceof ExpectedError && error.code === 'version-conflict' && tries < maxTries;
      if (!again) throw error;
      await clock.sleep(pollMs / 4, signal);
    }
  }
}
