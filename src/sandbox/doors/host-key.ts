import ssh2 from 'ssh2';

/**
 * A new ed25519 pair, OpenSSH's format. ssh2 1.17 drops a leading zero byte, so that one pair in 256 cannot be read again
 * (13 of 3000): such a pair is made anew.
 */
export function makeHostKey(): { private: string; public: string } {
  const keys = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(keys.private) instanceof Error ? makeHostKey() : keys;
}
