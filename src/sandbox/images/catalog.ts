import { traefikProgram } from '../programs/traefik.ts';
import type { SandboxImage } from './image.ts';
import { sampleImages } from './sample-images.ts';

/** Everything the sandbox's registry offers. */
export const catalog: readonly SandboxImage[] = [
  ...sampleImages,
  { repository: 'traefik', tag: '3.7', platform: { os: 'linux', architecture: 'amd64' }, program: traefikProgram },
];
