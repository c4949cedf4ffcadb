import ssh2 from 'ssh2';

const { utils } = ssh2;

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/**
 * A new ed25519 pair, OpenSSH's format; with a passphrase its private half is encrypted. ssh2 1.17 drops a leading zero
 * byte, so that one pair in 256 cannot be read again (13 of 3000, "Malformed OpenSSH private key"): such a pair is made
 * anew.
 */
export function makeKeyPair(passphrase?: string): KeyPair {
  const keys =
    passphrase === undefined
      ? utils.generateKeyPairSync('ed25519')
      : utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 });
  return utils.parseKey(keys.private, passphrase) instanceof Error ? makeKeyPair(passphrase) : keys;
}
