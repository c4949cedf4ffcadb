import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { domain, passphrase, paths, ports } from './layout.ts';
import { run } from './shell.ts';

export const keyFiles = {
  user: join(paths.keys, 'id_ed25519'),
  locked: join(paths.keys, 'id_ed25519_locked'),
  host: join(paths.keys, 'host_ed25519'),
  hostEcdsa: join(paths.keys, 'host_ecdsa'),
  authorized: join(paths.keys, 'authorized_keys'),
  knownHosts: join(paths.keys, 'known_hosts'),
  ca: join(paths.keys, 'ca.pem'),
  certificate: join(paths.keys, 'chain.pem'),
  certificateKey: join(paths.keys, 'tls.key'),
} as const;

/** Every key of the bed, made once for this machine; none is ever in the repository. */
export async function makeKeys(): Promise<void> {
  await mkdir(paths.keys, { recursive: true });
  await chmod(paths.keys, 0o755);
  if (existsSync(keyFiles.certificate)) return;
  const keygen = (file: string, type: string, phrase = '') =>
    run('ssh-keygen', ['-q', '-t', type, '-N', phrase, '-C', 'bed', '-f', file]);
  await keygen(keyFiles.user, 'ed25519');
  await keygen(keyFiles.locked, 'ed25519', passphrase);
  await keygen(keyFiles.host, 'ed25519');
  await keygen(keyFiles.hostEcdsa, 'ecdsa');
  const [user, locked, host] = await Promise.all(
    [keyFiles.user, keyFiles.locked, keyFiles.host].map((file) => readFile(`${file}.pub`, 'utf8')),
  );
  await writeFile(keyFiles.authorized, `${user}${locked}`);
  const known = Object.values(ports).map((port) => `[127.0.0.1]:${port} ${host?.split(' ').slice(0, 2).join(' ')}\n`);
  await writeFile(keyFiles.knownHosts, known.join(''));
  await makeCertificate();
}

/** A wildcard certificate of a CA of our own, as a university's would be of a CA that browsers know. */
async function makeCertificate(): Promise<void> {
  const at = (name: string) => join(paths.keys, name);
  const openssl = (...words: string[]) => run('openssl', words);
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('ca.key'),
    '-out',
    keyFiles.ca,
    '-days',
    '365',
    '-subj',
    '/CN=oForest bed CA',
  );
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFiles.certificateKey,
    '-out',
    at('tls.csr'),
    '-subj',
    `/CN=*.${domain}`,
  );
  await writeFile(at('tls.ext'), `subjectAltName=DNS:*.${domain},DNS:${domain}\nbasicConstraints=CA:FALSE\n`);
  const signing = [
    '-CA',
    keyFiles.ca,
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '300',
    '-extfile',
    at('tls.ext'),
  ];
  await openssl('x509', '-req', '-in', at('tls.csr'), ...signing, '-out', at('tls.pem'));
  await copyFile(at('tls.pem'), keyFiles.certificate);
  await writeFile(
    keyFiles.certificate,
    (await readFile(at('tls.pem'), 'utf8')) + (await readFile(keyFiles.ca, 'utf8')),
  );
}
