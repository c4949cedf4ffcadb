import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram } from '../cli/tui/support/open-program.ts';
import { run } from './bed/shell.ts';
import { type Lab, openLab } from './support/lab.ts';
import { makeBare } from './support/make-bare.ts';

let lab: Lab;
let fingerprint: string;
let address: string;
beforeAll(async () => {
  lab = await openLab();
  const { host, port, user, knownHostsFile } = lab.bed.ssh;
  address = `${user}@${host}:${port}`;
  // As the admin would tell it.
  fingerprint = /SHA256:\S+/.exec(await run('ssh-keygen', ['-lf', knownHostsFile]))?.[0] ?? '';
});
afterAll(async () => {
  await lab.prepare();
  await lab[Symbol.asyncDispose]();
});

const environmentOf = (path: string) => ({
  ...{ PATH: process.env.PATH ?? '', HOME: path, OFOREST_CONFIG: join(path, 'config.yml') },
  ...{ XDG_STATE_HOME: join(path, 'state'), TERM: 'xterm-256color', LANG: 'en_US.UTF-8' },
});

describe('somebody who begins, on a server that was never prepared', { timeout: 300_000 }, () => {
  let home: string;
  let program: ReturnType<typeof openProgram>;
  const open = () => {
    program = openProgram({ path: home, environment: environmentOf(home) });
  };
  /** As if the window was closed. */
  const interrupt = async () => {
    program.kill('SIGHUP');
    expect(
      await Promise.race([program.exit, pause(10_000, 'it does not end', { ref: false })]),
      program.screen.text(),
    ).toBe(129);
    open();
  };
  beforeAll(async () => {
    await makeBare(lab);
    home = await mkdtemp(join(lab.home, 'new-'));
    open();
  });
  afterAll(() => program?.[Symbol.asyncDispose]());

  it('reaches it once the fingerprint was compared, and goes on where a step was interrupted', async () => {
    await program.until('Connect to your own server');
    program.press('Down', 'Enter');
    await program.until('Key file');
    program.press(...address, 'Enter', ...'mine');
    await program.until(/Name +mine/);
    await interrupt();

    await program.until(/Name +mine/);
    program.press('Enter', 'Enter', ...lab.bed.ssh.identityFile, 'Enter');
    await program.until('Nobody here has met 127.0.0.1 yet');
    expect(program.screen.text()).toContain(fingerprint);
    await interrupt();

    await program.until(lab.bed.ssh.identityFile);
    program.press('Enter', 'Enter', 'Enter');
    await program.until(fingerprint);
    program.press('Down', 'Enter');
    await program.until('It works.');
    expect(program.screen.text()).toContain('It was never prepared for studies.');
    expect(await readFile(join(home, '.ssh/known_hosts'), 'utf8')).toContain(`[127.0.0.1]:${lab.bed.ssh.port} `);
    program.press('Enter');
    await program.until('This server was never prepared for studies.');
  });

  it('prepares it question by question, and goes on where that was interrupted', async () => {
    const { images, tls } = lab.bed;
    const { certFile, keyFile } = tls;
    await interrupt();
    await program.until('never prepared for studies');
    program.press('Enter');
    await program.until('wildcard record');
    program.press(...lab.bed.domain, 'Enter', 'Right');
    await program.until('a certificate of your own, from files');
    program.press('Enter', ...certFile);
    await program.until(certFile);
    await interrupt();

    await program.until('never prepared for studies');
    program.press('Enter');
    await program.until(certFile);
    program.press('Enter', 'Enter', 'Enter', ...keyFile, 'Enter', ...images['traefik:3.7'], 'Enter');
    program.press(...images['postgres:15'], 'Enter');
    await program.until('Prepare it like this');
    expect(await lab.docker(['config', 'ls', '-q'])).toBe('');
    program.press('Enter');
    await program.until('Waiting for');
    await interrupt();

    await program.until('never prepared for studies');
    program.press('Enter');
    await program.until(certFile);
    program.press('Enter', 'Enter', 'Enter', 'Enter', 'Enter', 'Enter');
    await program.until('Prepare it like this');
    expect(program.screen.text()).not.toContain('create the network');
    program.press('Enter');
    await program.until('Ready for studies at', 60_000);
    program.press('Enter');
    await program.until(/oForest {2}mine .*live/);
    program.press('q');
    expect(await program.exit).toBe(0);
  });

  it('is known to the commands from then on, and visitors meet Traefik', async () => {
    const { value } = await lab.json(['list'], { environment: environmentOf(home) });
    expect(value).toMatchObject({ ok: true, experiments: [] });
    expect(await lab.get(`nobody.${lab.bed.domain}`, '/')).toMatchObject({ status: 404 });
  });
});

describe('a key with a passphrase', { timeout: 60_000 }, () => {
  it('is asked about on a screen of its own, again when that was not it, and is never shown', async () => {
    const { identityFile, passphrase } = lab.bed.lockedKey;
    const home = await mkdtemp(join(lab.home, 'locked-'));
    await using program = openProgram({ path: home, environment: environmentOf(home) });
    await program.until('Connect to your own server');
    program.press('Down', 'Enter');
    await program.until('Key file');
    program.press(...address, 'Enter', 'Enter', ...identityFile, 'Enter');
    await program.until(fingerprint);
    program.press('Down', 'Enter');
    await program.until('passphrase unlocks it?');
    program.press(...'wrong', 'Enter');
    await program.until('That was not it.');
    program.press(...passphrase, 'Enter');
    await program.until('It works.');
    expect(program.written).not.toContain(passphrase);
    program.press('Enter');
    await program.until(/oForest {2}lab /);
    program.press('q');
    expect(await program.exit).toBe(0);
  });
});

describe('somebody who begins and listens', { timeout: 120_000 }, () => {
  it('reaches and prepares a server by lines alone, and the passphrase is not shown', async () => {
    await makeBare(lab);
    const { images, tls, lockedKey } = lab.bed;
    const home = await mkdtemp(join(lab.home, 'lines-'));
    const size = { columns: 200, rows: 200 };
    const open = () => openProgram({ path: home, environment: environmentOf(home) }, { size, words: ['--accessible'] });
    const answerTo = async (question: string | RegExp, answer: string) => {
      await program.until(question, 60_000);
      program.press(...answer, 'Enter');
    };
    let program = open();
    await answerTo('2. Connect to your own server.', '2');
    await answerTo('Server. A manager', address);
    await answerTo('Name. ', 'mine');
    await program.until('Key file. ');
    // It is written a moment after it is told.
    await expect.poll(() => readFile(join(home, 'state/oforest/first-run.json'), 'utf8')).toContain('"mine"');
    program.kill('SIGHUP');
    await program.exit;

    program = open();
    await answerTo(`1. Keep ${address}`, '1');
    await answerTo('1. Keep mine', '1');
    await answerTo('Key file. ', lockedKey.identityFile);
    await program.until(fingerprint);
    await answerTo('2. It is the same: trust this server', '2');
    await program.until('Passphrase for');
    program.press('Ctrl-C');
    await answerTo('2. Try again', '2');
    await answerTo(/Try again[\s\S]*Passphrase for/, 'wrong');
    await answerTo('That was not it. Passphrase for', lockedKey.passphrase);
    await answerTo('1. Save it and go there', '1');
    await answerTo('1. Prepare it.', '1');
    await answerTo('Domain. ', lab.bed.domain);
    await answerTo('2. a certificate of your own', '2');
    await answerTo('Certificate. ', tls.certFile);
    await answerTo('Its key. ', tls.keyFile);
    await answerTo('Traefik. ', images['traefik:3.7']);
    await answerTo('Postgres. ', images['postgres:15']);
    await answerTo('1. Prepare it like this', '1');
    await answerTo('1. Go to the list', '1');
    await answerTo(/Go to the list[\s\S]*No experiments/, 'quit');
    expect(await program.exit).toBe(0);
    expect(program.written).not.toContain('\u001b');
    expect(program.written).not.toContain(lockedKey.passphrase);
  });
});
