import { parseEnvironment } from '../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../src/core/domain/experiment-name.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import { reviewDeploy } from '../../src/core/operations/review/review-release.ts';
import type { SandboxLab } from './sandbox-lab.ts';

/** The study that tests run on the sandbox: the stack `trust`, in production. */
export const trust = { experiment: parseExperimentName('trust'), environment: parseEnvironment('production') };

/** What a deploy of one of its images would do: of `v1`, the first. */
export function reviewTrust({ image, server, signal }: SandboxLab, tag = 'v1'): Promise<Review> {
  return reviewDeploy({ ...trust, image: image(`samples/trust-game:${tag}`) }, { ...server, signal });
}
