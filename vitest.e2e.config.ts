import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Each keeps to studies and containers of its own, and mostly waits for Swarm. The longest first, so that none is left at the end. */
const beside = [
  ...['data', 'one-process', 'json', 'guard', 'job-scripts', 'isolation', 'export', 'fit'],
  ...['job-scripts-files', 'job-scripts-hostile'],
].map((name) => `test/e2e/${name}.test.ts`);

const every = { testTimeout: 180_000, hookTimeout: 600_000 };

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => beside.findIndex((file) => moduleId.endsWith(file));
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}

/**
 * One lab, one Swarm. Alone is whoever stops or changes what all studies share (Traefik, the registry, a keeper), looks at
 * all of the Swarm, measures, or hits a moment; one after the other. The rest comes after that, three at a time. Group 0
 * would come last, because it has one worker.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/e2e/bed/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...every,
          name: 'alone',
          include: ['test/e2e/**/*.test.ts'],
          exclude: beside,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...every, name: 'beside', include: beside, maxWorkers: 3, sequence: { groupOrder: 2 } } },
    ],
  },
});
