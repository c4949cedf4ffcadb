import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { experimentStatus } from '../../src/core/operations/experiment-status.ts';
import { listStudies } from '../../src/core/operations/list-experiments.ts';
import { copyStudy } from '../support/many-studies.ts';
import { openSandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust } from '../support/trust-game.ts';

/** What one study costs in a list, and the status of one, in ms: by how many there are on the sandbox. */
export interface ManyStudies {
  readonly listPerStudyMs: readonly number[];
  readonly statusMs: readonly number[];
}

/** Core over its own HTTP client, in this process: what grows with the studies, and nothing of the way to a server. */
export async function manyStudies(count: number, rounds = 20): Promise<ManyStudies> {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  copyStudy(lab, count - 1);
  const times = async (work: () => Promise<unknown>) => {
    const found: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      await work();
      found.push(performance.now() - startedAt);
    }
    return found.sort((a, b) => a - b);
  };
  const lists = await times(() => listStudies(lab.server));
  const statuses = await times(() => experimentStatus(parseStackName('trust'), lab.server));
  return { listPerStudyMs: lists.map((ms) => ms / count), statusMs: statuses };
}
