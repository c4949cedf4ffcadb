import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSshConfig } from '../../../src/core/ssh/load-ssh-config.ts';
import { resolveTarget, type SshEndpoint } from '../../../src/core/ssh/resolve-target.ts';
import { lookUpHost, type SshConfigSource } from '../../../src/core/ssh/ssh-config.ts';

const source = (text: string, included: Record<string, string> = {}): SshConfigSource => ({
  text,
  readInclude: (pattern) => (included[pattern] === undefined ? [] : [included[pattern]]),
});

function resolve(endpoint: SshEndpoint, ...texts: string[]) {
  return resolveTarget(endpoint, {
    sources: texts.map((text) => source(text)),
    home: '/home/anna',
    userName: 'anna',
    sshAuthSock: '/run/agent',
  });
}

describe('without any config', () => {
  it('logs in as ssh would', () => {
    expect(resolve({ host: 'swarm.lab' })).toEqual({
      host: 'swarm.lab',
      port: 22,
      user: 'anna',
      identityFiles: ['/home/anna/.ssh/id_ed25519', '/home/anna/.ssh/id_ecdsa', '/home/anna/.ssh/id_rsa'],
      agentSocket: '/run/agent',
      knownHostsFiles: ['/home/anna/.ssh/known_hosts', '/home/anna/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts'],
      connectTimeoutMs: 15_000,
    });
  });
});

describe('what ssh_config says', () => {
  it.each<[string, string, object]>([
    [
      'HostName, User and Port',
      'Host lab\n HostName 10.0.0.5\n User root\n Port 2222',
      { host: '10.0.0.5', user: 'root', port: 2222 },
    ],
    ['the first value that fits', 'Host lab\n User first\nHost *\n User second\n Port 7', { user: 'first', port: 7 }],
    ['values before any Host', 'User everywhere\nHost lab\n User never', { user: 'everywhere' }],
    ['only blocks that match', 'Host other\n User never\nHost l?b\n User fits', { user: 'fits' }],
    ['no block that excludes it', 'Host * !lab\n User never\nHost *\n User fits', { user: 'fits' }],
    ['%h and %% in HostName', 'Host lab\n HostName %h.example.edu', { host: 'lab.example.edu' }],
    [
      'several identity files',
      'Host lab\n IdentityFile ~/.ssh/a\nHost *\n IdentityFile /k/b',
      { identityFiles: ['/home/anna/.ssh/a', '/k/b'] },
    ],
    [
      'tokens in IdentityFile',
      'Host lab\n HostName h.x\n User r\n IdentityFile %d/.ssh/%r@%h-%u-%n-%p',
      { identityFiles: ['/home/anna/.ssh/r@h.x-anna-lab-22'] },
    ],
    ['IdentityFile none', 'IdentityFile none', { identityFiles: [] }],
    [
      'UserKnownHostsFile, several',
      'UserKnownHostsFile ~/a /b\nGlobalKnownHostsFile none',
      { knownHostsFiles: ['/home/anna/a', '/b'] },
    ],
    ['UserKnownHostsFile none', 'UserKnownHostsFile none', { knownHostsFiles: ['/etc/ssh/ssh_known_hosts'] }],
    ['IdentitiesOnly', 'IdentitiesOnly yes', { identitiesOnly: true }],
    ['IdentityAgent', 'IdentityAgent ~/.1password/agent.sock', { agentSocket: '/home/anna/.1password/agent.sock' }],
    ['IdentityAgent SSH_AUTH_SOCK', 'IdentityAgent SSH_AUTH_SOCK', { agentSocket: '/run/agent' }],
    ['HostKeyAlias', 'HostKeyAlias the-swarm', { hostKeyAlias: 'the-swarm' }],
    ['ConnectTimeout', 'ConnectTimeout 3', { connectTimeoutMs: 3000 }],
    [
      'keywords in any letters, with an equals sign',
      'hOsT lab\n  uSER=root\n\tPORT = 2222',
      { user: 'root', port: 2222 },
    ],
    [
      'quoted values, comments and DOS line ends',
      '# mine\r\nHost "lab" # the lab\r\n  IdentityFile "/my keys/a" # old\r\n',
      { identityFiles: ['/my keys/a'] },
    ],
    ['nothing of a Match block', 'Match exec "rm -rf /"\n User never\nHost *\n User fits', { user: 'fits' }],
    ['a Match all block', 'Match all\n User fits', { user: 'fits' }],
  ])('%s', (_case, text, expected) => {
    expect(resolve({ host: 'lab' }, text)).toMatchObject(expected);
  });

  it('IdentityAgent none: no agent', () => {
    expect(resolve({ host: 'lab' }, 'IdentityAgent none').agentSocket).toBeUndefined();
  });

  it('loses to what oForest is told', () => {
    const told = { host: 'lab', user: 'oforest', port: 22, identityFile: '/k/own', knownHostsFile: '/k/hosts' };
    expect(
      resolve(told, 'Host lab\n HostName real\n User x\n Port 2\n IdentityFile /x\n UserKnownHostsFile /y'),
    ).toMatchObject({
      host: 'real',
      user: 'oforest',
      port: 22,
      identityFiles: ['/k/own'],
      knownHostsFiles: ['/k/hosts'],
    });
  });

  it("beats the system's", () => {
    expect(resolve({ host: 'lab' }, 'User mine', 'User system\nPort 2222')).toMatchObject({ user: 'mine', port: 2222 });
  });
});

describe('ProxyJump', () => {
  it('leads over a host with its own entry', () => {
    expect(
      resolve(
        { host: 'lab' },
        'Host lab\n ProxyJump gate\nHost gate\n HostName gate.example.edu\n User hop\n Port 2222',
      ),
    ).toMatchObject({ host: 'lab', user: 'anna', jump: { host: 'gate.example.edu', user: 'hop', port: 2222 } });
  });

  it.each([
    ['me@gate:2222', { user: 'me', host: 'gate', port: 2222 }],
    ['ssh://me@gate:2222', { user: 'me', host: 'gate', port: 2222 }],
    ['[::1]:2222', { user: 'anna', host: '::1', port: 2222 }],
  ])('reads %s', (spec, jump) => {
    expect(resolve({ host: 'lab' }, `Host lab\n ProxyJump ${spec}`)).toMatchObject({ jump });
  });

  it('goes over a list in its order', () => {
    const { jump } = resolve({ host: 'lab' }, 'Host lab\n ProxyJump first,second');
    expect(jump).toMatchObject({ host: 'second', jump: { host: 'first' } });
    expect(jump?.jump?.jump).toBeUndefined();
  });

  it('none: goes straight', () => {
    expect(resolve({ host: 'lab' }, 'Host lab\n ProxyJump none\nHost *\n ProxyJump gate').jump).toBeUndefined();
  });

  it('refuses a circle', () => {
    expect(() => resolve({ host: 'lab' }, 'Host a b lab\n ProxyJump a')).toThrow(
      expect.objectContaining({ code: 'config-invalid', hint: expect.stringContaining('ProxyJump') }),
    );
  });

  it('refuses what is no host', () => {
    expect(() => resolve({ host: 'lab' }, 'ProxyJump a:b:c')).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  it('ProxyCommand is refused with a way out, unless a ProxyJump comes first', () => {
    expect(() => resolve({ host: 'lab' }, 'ProxyCommand nc %h %p')).toThrow(
      expect.objectContaining({ code: 'config-invalid', hint: expect.stringContaining('ProxyJump') }),
    );
    expect(resolve({ host: 'lab' }, 'Host lab\n ProxyJump gate\nHost lab\n ProxyCommand nc').jump?.host).toBe('gate');
  });
});

describe('Include', () => {
  it('stands for the text of the file, inside its block', () => {
    const sources = [
      source('Host lab\n Include own\nHost *\n User star', { own: 'User included\nHost other\n Port 9' }),
    ];
    expect(lookUpHost('lab', sources)).toMatchObject({ user: 'included' });
    expect(lookUpHost('other', sources)).toEqual({ user: 'star', identityfile: [] });
  });

  it('ends where files include each other', () => {
    expect(lookUpHost('lab', [source('Include self', { self: 'Include self\nUser fits' })])).toMatchObject({
      user: 'fits',
    });
  });
});

describe('loadSshConfig', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'oforest-home-'));
    await mkdir(join(home, '.ssh', 'config.d'), { recursive: true });
    await mkdir(join(home, 'etc'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("reads the user's file, its includes by wildcard in order, and the system's", async () => {
    await writeFile(join(home, '.ssh/config'), 'Include config.d/*.conf\nUser mine');
    await writeFile(join(home, '.ssh/config.d/20.conf'), 'Port 20');
    await writeFile(join(home, '.ssh/config.d/10.conf'), 'Port 10');
    await writeFile(join(home, '.ssh/config.d/.hidden.conf'), 'Port 1');
    await writeFile(join(home, '.ssh/config.d/notes.txt'), 'Port 2');
    await writeFile(join(home, 'etc/ssh_config'), 'User system\nHostKeyAlias system');
    expect(lookUpHost('lab', loadSshConfig(home, join(home, 'etc')))).toEqual({
      port: '10',
      user: 'mine',
      hostkeyalias: 'system',
      identityfile: [],
    });
  });

  it('is empty where there are no files', () => {
    expect(lookUpHost('lab', loadSshConfig('/nowhere', '/nowhere'))).toEqual({ identityfile: [] });
  });
});
