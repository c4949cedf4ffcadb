import { ExpectedError } from '../errors.ts';

/** The API versions that oForest is tested with: Docker Engine 20.10 to 28.5, and 29 through its older versions. */
const oldestApiVersion = '1.41';
const newestApiVersion = '1.51';

/** The version to speak with a daemon that offers `min` to `max`. Throws `engine-unsupported`. */
export function negotiateApiVersion({ min, max }: { min?: string | undefined; max: string }): string {
  if (compareVersions(max, oldestApiVersion) < 0) {
    throw unsupported({ min, max }, 'Update Docker Engine on the manager to 20.10 or later.');
  }
  if (min !== undefined && compareVersions(min, newestApiVersion) > 0) {
    throw unsupported({ min, max }, 'Update oForest, or set "min-api-version" in /etc/docker/daemon.json.');
  }
  return compareVersions(max, newestApiVersion) < 0 ? max : newestApiVersion;
}

/** Only a daemon that is newer than we know can refuse what we speak. */
export function needsMinimum(max: string): boolean {
  return compareVersions(max, newestApiVersion) > 0;
}

function unsupported({ min, max }: { min?: string | undefined; max: string }, hint: string): ExpectedError {
  return new ExpectedError('engine-unsupported', 'agreeing on a version of the Docker API', {
    why: `dockerd speaks ${min === undefined ? `up to ${max}` : `${min} to ${max}`}, oForest ${oldestApiVersion} to ${newestApiVersion}.`,
    hint,
    details: { max, oldest: oldestApiVersion, newest: newestApiVersion, ...(min !== undefined && { min }) },
  });
}

function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
