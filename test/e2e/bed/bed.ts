import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import {
  dockerdRuns,
  freshSwarm,
  startDockerd,
  startRegistry,
  startSshds,
  stopDockerd,
  stopRegistry,
  stopSshds,
} from './daemons.ts';
import { buildImages, type ImageName, imageNames, imageReference } from './images.ts';
import { keyFiles, makeKeys } from './keys.ts';
import { bedDir, dockerSocket, domain, passphrase, paths, ports, registry, users } from './layout.ts';
import { missingRequirements } from './requirements.ts';

export { startRegistry, stopRegistry } from './daemons.ts';
export type { ImageName } from './images.ts';
export { retag } from './retag.ts';

/** A whole lab on this machine: what tests need to know to use it. */
export interface Bed {
  readonly ssh: { host: string; port: number; user: string; identityFile: string; knownHostsFile: string };
  readonly sshNoForwarding: { port: number };
  readonly users: { docker: string; noDocker: string };
  readonly lockedKey: { identityFile: string; passphrase: string };
  readonly dockerSocket: string;
  readonly registry: string;
  readonly domain: string;
  readonly tls: { certFile: string; keyFile: string; caFile: string };
  /** References with tags, in the bed's registry. */
  readonly images: Readonly<Record<ImageName, string>>;
}

/** Brings everything up and builds what is not built yet; quick when it already is. Throws what this machine lacks. */
export async function startBed(say: (line: string) => void = () => {}): Promise<Bed> {
  const problems = await missingRequirements();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const wasUp = await bedIsUp();
  for (const dir of [bedDir, paths.logs, paths.run, paths.stamps, paths.builds]) await mkdir(dir, { recursive: true });
  await makeKeys();
  say('dockerd, registry and sshd');
  await startDockerd();
  await startRegistry();
  await startSshds();
  await buildImages(say);
  if (!wasUp) await freshSwarm();
  const bed = factsOfBed();
  await writeFile(paths.facts, JSON.stringify(bed, undefined, 2));
  return bed;
}

/** False also for a bed that was cut off with its machine: its facts are still there, its Swarm is not to be trusted. */
export async function bedIsUp(): Promise<boolean> {
  return existsSync(paths.facts) && (await dockerdRuns());
}

/** Ends what `startBed` started and leaves the caches for the next time. */
export async function stopBed(): Promise<void> {
  await rm(paths.facts, { force: true });
  await stopSshds();
  await stopDockerd();
  await stopRegistry();
}

/** The running bed. Throws when none runs. */
export function readBed(): Bed {
  if (existsSync(paths.facts)) return JSON.parse(readFileSync(paths.facts, 'utf8')) as Bed;
  throw new Error('The bed is down. Start it: npm run bed up');
}

function factsOfBed(): Bed {
  return {
    ssh: {
      host: '127.0.0.1',
      port: ports.ssh,
      user: users.docker,
      identityFile: keyFiles.user,
      knownHostsFile: keyFiles.knownHosts,
    },
    sshNoForwarding: { port: ports.sshNoForwarding },
    users,
    lockedKey: { identityFile: keyFiles.locked, passphrase },
    dockerSocket,
    registry,
    domain,
    tls: { certFile: keyFiles.certificate, keyFile: keyFiles.certificateKey, caFile: keyFiles.ca },
    images: Object.fromEntries(imageNames.map((name) => [name, imageReference(name)])) as Record<ImageName, string>,
  };
}
