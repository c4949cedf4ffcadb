import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandHome } from '../../../src/core/config/config.ts';
import { loadConfig, makeCurrent, saveServer } from '../../../src/core/config/load-config.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oforest-config-'));
  path = join(folder, 'config.yml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('loadConfig', () => {
  it('takes a missing file for an empty config', async () => {
    expect(await loadConfig(path)).toEqual({ servers: {} });
  });

  it('takes an empty file, and one of comments, for an empty config', async () => {
    await writeFile(path, '# nothing yet\n');
    expect(await loadConfig(path)).toEqual({ servers: {} });
  });

  it('reads servers of both kinds, GitLab and registries', async () => {
    await writeFile(
      path,
      `current: lab
servers:
  lab: { host: swarm.lab.example.edu, port: 22, user: oforest, identityFile: ~/.ssh/id_ed25519 }
  here: { socket: /var/run/docker.sock }
  big: { host: m1.example.edu, nodes: { k3f9x2: { host: w1.example.edu } } }
gitlab: { url: https://gitlab.example.edu, tokenFile: ~/.config/oforest/gitlab-token }
registries:
  registry.example.edu:5050: { username: reader, passwordFile: ~/.config/oforest/registry }
`,
    );
    expect(await loadConfig(path)).toEqual({
      current: 'lab',
      servers: {
        lab: { host: 'swarm.lab.example.edu', port: 22, user: 'oforest', identityFile: '~/.ssh/id_ed25519' },
        here: { socket: '/var/run/docker.sock' },
        big: { host: 'm1.example.edu', nodes: { k3f9x2: { host: 'w1.example.edu' } } },
      },
      gitlab: { url: 'https://gitlab.example.edu', tokenFile: '~/.config/oforest/gitlab-token' },
      registries: { 'registry.example.edu:5050': { username: 'reader', passwordFile: '~/.config/oforest/registry' } },
    });
  });

  it.each([
    [
      'a mistyped key',
      'servers:\n  lab:\n    host: a\n    identityFiel: k\n',
      'line 4: servers.lab.identityFiel: unknown key; did you mean "identityFile"?',
    ],
    ['a mistyped key at the top', 'server: {}\n', 'line 1: server: unknown key; did you mean "servers"?'],
    [
      'a mistyped key of a worker',
      'servers:\n  lab:\n    host: a\n    nodes:\n      k3: { host: b, prot: 1 }\n',
      'line 5: servers.lab.nodes.k3.prot: unknown key; did you mean "port"?',
    ],
    ['a key like no other', 'colour: blue\n', 'line 1: colour: unknown key.'],
    [
      'a key of the other kind of server',
      'servers:\n  here:\n    socket: /s\n    port: 22\n',
      'line 4: servers.here.port: unknown key',
    ],
    ['a port that is none', 'servers:\n  lab:\n    host: a\n    port: 70000\n', 'line 4: servers.lab.port: Too big'],
    [
      'a missing host, at the line of its server',
      '# mine\nservers:\n  lab:\n    port: 22\n',
      'line 3: servers.lab.host: Invalid input: expected string',
    ],
    [
      'a relative socket',
      'servers:\n  here: { socket: docker.sock }\n',
      'line 2: servers.here.socket: must be an absolute path',
    ],
    ['a URL that is none', 'gitlab: { url: gitlab.example.edu, tokenFile: t }\n', 'line 1: gitlab.url: Invalid URL'],
    ['a key given twice', 'servers:\n  lab: { host: a }\n  lab: { host: b }\n', 'line 3: Map keys must be unique'],
    ['broken YAML', 'servers:\n  lab: { host: a\n', 'line 3: '],
    ['a list instead of a map', '- a\n', 'Invalid input: expected object'],
  ])('refuses %s', async (_case, text, expected) => {
    await writeFile(path, text);
    await expect(loadConfig(path)).rejects.toMatchObject({
      code: 'config-invalid',
      message: `reading ${path}`,
      why: expect.stringContaining(expected),
      hint: expect.stringMatching(/^Correct /),
      details: { path },
    });
  });

  it('names every problem at once, and the place of the first for scripts', async () => {
    await writeFile(path, 'curent: lab\nservers:\n  lab: { host: a, prt: 1 }\n');
    await expect(loadConfig(path)).rejects.toMatchObject({
      details: {
        problems: [
          'line 3: servers.lab.prt: unknown key; did you mean "port"?',
          'line 1: curent: unknown key; did you mean "current"?',
        ],
        key: 'servers.lab.prt',
        line: 3,
      },
    });
  });

  it('says so when the file is there and cannot be read', async () => {
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'file-unreadable',
      hint: expect.stringMatching(/^Check /),
    });
  });
});

describe('saveServer', () => {
  it('makes file and folder, for their owner alone', async () => {
    const deep = join(folder, 'new', 'oforest', 'config.yml');
    await saveServer(deep, 'lab', { host: 'swarm.lab', user: 'oforest' });
    expect(await loadConfig(deep)).toEqual({ servers: { lab: { host: 'swarm.lab', user: 'oforest' } } });
    expect((await stat(deep)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700);
  });

  it('keeps comments, order and the other servers', async () => {
    await writeFile(
      path,
      '# ours\ncurrent: a\nservers:\n  a: { host: a } # the old one\n  b:\n    host: b # behind the VPN\n    port: 1\n',
    );
    await saveServer(path, 'b', { host: 'b', user: 'me' });
    await saveServer(path, 'c', { socket: '/s' });
    expect(await readFile(path, 'utf8')).toBe(
      '# ours\ncurrent: a\nservers:\n  a: { host: a } # the old one\n  b:\n    host: b # behind the VPN\n    user: me\n  c:\n    socket: /s\n',
    );
  });

  it('leaves an invalid file as it is', async () => {
    await writeFile(path, 'colour: blue\n');
    await expect(saveServer(path, 'lab', { host: 'a' })).rejects.toMatchObject({ code: 'config-invalid' });
    expect(await readFile(path, 'utf8')).toBe('colour: blue\n');
    expect(await readdir(folder)).toEqual(['config.yml']);
  });

  it('writes through a link and leaves no temporary file', async () => {
    const real = join(folder, 'dotfiles.yml');
    await writeFile(real, '{}\n');
    await symlink(real, path);
    await saveServer(path, 'lab', { host: 'a' });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await loadConfig(real)).toEqual({ servers: { lab: { host: 'a' } } });
    expect((await readdir(folder)).sort()).toEqual(['config.yml', 'dotfiles.yml']);
  });
});

describe('makeCurrent', () => {
  it('makes a server the current one', async () => {
    await saveServer(path, 'lab', { host: 'a' });
    await makeCurrent(path, 'lab');
    expect((await loadConfig(path)).current).toBe('lab');
  });

  it('refuses a name that is not there and says which was meant', async () => {
    await saveServer(path, 'lab', { host: 'a' });
    await expect(makeCurrent(path, 'lbb')).rejects.toMatchObject({
      code: 'server-not-configured',
      hint: 'Did you mean "lab"?',
      details: { servers: ['lab'] },
    });
    await expect(makeCurrent(path, 'other')).rejects.toMatchObject({ hint: 'Add it: oforest server add other' });
  });
});

describe('expandHome', () => {
  it.each([
    ['~/.ssh/key', '/home/anna/.ssh/key'],
    ['~', '/home/anna'],
    ['/etc/key', '/etc/key'],
    ['~bob/key', '~bob/key'],
  ])('%s → %s', (path, expected) => {
    expect(expandHome(path, '/home/anna')).toBe(expected);
  });
});
