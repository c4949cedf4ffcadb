import type { ImagePlatform } from './gateway.ts';

/** What machines say (`uname -m`, and so dockerd) → what images say. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  armv6l: 'arm',
  armv7l: 'arm',
  armv8l: 'arm',
  i386: '386',
  i486: '386',
  i586: '386',
  i686: '386',
};

/** `x86_64` → `amd64`; a name that images use already stays. */
export function normalizeArchitecture(architecture: string): string {
  const name = architecture.toLowerCase();
  return architectures[name] ?? name;
}

/** Whether both mean the same kind of machine. Variants count where both name one, because dockerd names none. */
export function samePlatform(a: ImagePlatform, b: ImagePlatform): boolean {
  return (
    a.os.toLowerCase() === b.os.toLowerCase() &&
    normalizeArchitecture(a.architecture) === normalizeArchitecture(b.architecture) &&
    (!a.variant || !b.variant || a.variant === b.variant)
  );
}
