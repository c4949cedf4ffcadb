import { manifestOf, type SandboxImage } from '../../src/sandbox/images/image.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { pass, selfDrivenTimeline } from '../../src/sandbox/timeline.ts';
import { describeContract } from '../contract/run-contract.ts';
import { contractTarget } from '../contract/target.ts';
import { contractProgram } from './contract-image.ts';

const image: SandboxImage = {
  repository: 'contract/shell',
  tag: '1',
  platform: { os: 'linux', architecture: 'amd64' },
  program: contractProgram,
};

describeContract(
  'the sandbox',
  async () => {
    const timeline = selfDrivenTimeline();
    const sandbox = createSandbox({ timeline, images: [image], seed: 7 });
    return contractTarget({
      name: 'sandbox',
      image: `localhost:5000/contract/shell:1@${manifestOf(image).digest}`,
      missingImage: 'localhost:5000/contract-missing:1',
      dial: () => sandbox.dialDocker(),
      wait: (ms) => pass(timeline, ms),
    });
  },
  { inTurn: true },
);
