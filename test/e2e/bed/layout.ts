import { join } from 'node:path';

/** Where the bed keeps its cache and its running state. */
export const bedDir = process.env.OFOREST_BED_DIR ?? '/var/cache/oforest-bed';

export const paths = {
  facts: join(bedDir, 'bed.json'),
  keys: join(bedDir, 'keys'),
  logs: join(bedDir, 'log'),
  run: join(bedDir, 'run'),
  stamps: join(bedDir, 'stamps'),
  base: join(bedDir, 'base.tar'),
  builds: join(bedDir, 'builds'),
  registry: join(bedDir, 'registry'),
} as const;

export const registry = '127.0.0.1:5000';
export const dockerSocket = '/var/run/docker.sock';
export const domain = 'oforest.test';
export const ports = { ssh: 2222, sshNoForwarding: 2223 } as const;
export const users = { docker: 'oforest', noDocker: 'oforest-nodocker' } as const;
export const passphrase = 'open sesame';

export const daemonFiles = (name: string) => ({
  name,
  pidFile: join(paths.run, `${name}.pid`),
  logFile: join(paths.logs, `${name}.log`),
});
