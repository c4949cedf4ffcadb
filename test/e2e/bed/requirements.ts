import { succeeds } from './shell.ts';

const packageOf: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  'docker-registry': 'docker-registry',
  debootstrap: 'debootstrap',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  openssl: 'openssl',
  unzip: 'unzip',
  ip: 'iproute2',
  pip3: 'python3-pip',
  useradd: 'passwd',
};

/** What keeps the bed from starting on this machine, one sentence each, with what to do. */
export async function missingRequirements(): Promise<readonly string[]> {
  const problems: string[] = [];
  if (process.platform !== 'linux') problems.push('The bed needs Linux: it runs a real dockerd.');
  if (process.getuid?.() !== 0)
    problems.push('The bed needs root: dockerd, sshd and debootstrap do. Run it in a virtual machine as root.');
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packageOf))
    if (!(await succeeds('/bin/sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin"; command -v "$0"`, command])))
      missing.push(name);
  if (missing.length > 0)
    problems.push(
      `Missing Debian packages: apt-get install --no-install-recommends ${[...new Set(missing)].join(' ')}`,
    );
  return problems;
}
