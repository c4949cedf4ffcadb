import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { openBench } from './bench.ts';
import { bodyCases } from './cases/bodies.ts';
import type { CaseGroup, ContractCase } from './cases/case.ts';
import { configCases, secretCases } from './cases/configs-and-secrets.ts';
import { eventCases } from './cases/events.ts';
import { execCases } from './cases/exec.ts';
import { fileCases } from './cases/files.ts';
import { healthCases } from './cases/health.ts';
import { imageCases } from './cases/images.ts';
import { jobCases } from './cases/jobs.ts';
import { logCases } from './cases/logs.ts';
import { networkTaskCases } from './cases/network-tasks.ts';
import { networkCases } from './cases/networks.ts';
import { nodeCases } from './cases/nodes.ts';
import { pathCases } from './cases/paths.ts';
import { portCases } from './cases/ports.ts';
import { referenceCases } from './cases/references.ts';
import { restartCases } from './cases/restarts.ts';
import { rollbackCases } from './cases/rollbacks.ts';
import { schedulingCases } from './cases/scheduling.ts';
import { serviceCreationCases } from './cases/service-creation.ts';
import { serviceListCases } from './cases/service-lists.ts';
import { serviceRefusalCases } from './cases/service-refusals.ts';
import { serviceVersionCases } from './cases/service-versions.ts';
import { taskCases } from './cases/tasks.ts';
import { updateCases } from './cases/updates.ts';
import { volumeCases } from './cases/volumes.ts';
import type { ContractTarget } from './target.ts';

const quick: readonly CaseGroup[] = [
  pathCases,
  bodyCases,
  configCases,
  secretCases,
  serviceCreationCases,
  serviceRefusalCases,
  referenceCases,
  serviceListCases,
  serviceVersionCases,
  networkCases,
  portCases,
  nodeCases,
  imageCases,
];
/** They wait for tasks: side by side where the target's time is everyone's. */
const slow: readonly CaseGroup[] = [
  taskCases,
  restartCases,
  schedulingCases,
  healthCases,
  updateCases,
  rollbackCases,
  jobCases,
  networkTaskCases,
  logCases,
  execCases,
  fileCases,
  volumeCases,
  eventCases,
];

/**
 * Registers every case as a test of the target that `open` gives.
 * @param inTurn a target whose time is driven runs one case after the other: each drives it for itself
 */
export function describeContract(name: string, open: () => Promise<ContractTarget>, { inTurn = false } = {}): void {
  vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
  describe(name, () => {
    let target: ContractTarget;
    beforeAll(async () => {
      target = await open();
    });
    afterAll(() => target.dispose());

    for (const group of quick) describe(group.subject, () => register(group.cases));
    for (const group of slow) (inTurn ? describe : describe.concurrent)(group.subject, () => register(group.cases));

    function register(cases: readonly ContractCase[]): void {
      for (const { name: sentence, run } of cases)
        it(sentence, async () => {
          const bench = openBench(target);
          try {
            await run(bench);
          } finally {
            await bench.removeEverything();
          }
        });
    }
  });
}
