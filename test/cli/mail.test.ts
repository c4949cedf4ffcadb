import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MailOptions, openMail } from '../../src/cli/mail.ts';

/** As much of a mail server as one mail needs; it refuses recipients at `full.test`. */
async function startMailServer() {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('220 mail.test\r\n');
    let isData = false;
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        heard.push(line);
        if (isData) {
          if (line !== '.') continue;
          isData = false;
          socket.write('250 taken\r\n');
        } else if (line === 'DATA') {
          isData = true;
          socket.write('354 go on\r\n');
        } else if (line.startsWith('RCPT') && line.includes('full.test')) socket.write('550 mailbox full\r\n');
        else if (line === 'STARTTLS') socket.write('502 not here\r\n');
        else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    smtp: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('mail', () => {
  const mail = { subject: 'oForest: trust has no backup', text: 'Ä line.\nrun `oforest backup trust`' };

  it('goes to the address, by the server', async () => {
    await using server = await startMailServer();
    const send = await openMail({ mailTo: 'lab@uni.test', mailFrom: 'keeper@uni.test', smtp: server.smtp });
    await send?.(mail);
    expect(server.heard).toContain('MAIL FROM:<keeper@uni.test>');
    expect(server.heard).toContain('RCPT TO:<lab@uni.test>');
    expect(server.heard).toContain('Subject: oForest: trust has no backup');
    expect(server.heard).toContainEqual(expect.stringMatching(/oforest backup trust/));
  });

  it('that is refused says so in the words of the server', async () => {
    await using server = await startMailServer();
    const send = await openMail({ mailTo: 'lab@full.test', smtp: server.smtp });
    await expect(send?.(mail)).rejects.toMatchObject({
      code: 'operation-failed',
      why: expect.stringContaining('550 mailbox full'),
    });
  });

  it('gives no password to a server without TLS', async () => {
    await using server = await startMailServer();
    const folder = await mkdtemp(join(tmpdir(), 'oforest-mail-'));
    const smtpPasswordFile = join(folder, 'password');
    await writeFile(smtpPasswordFile, 'open sesame\n');
    const smtp = server.smtp.replace('//', '//keeper@');
    const send = await openMail({ mailTo: 'lab@uni.test', smtp, smtpPasswordFile });
    await expect(send?.(mail)).rejects.toMatchObject({ code: 'operation-failed' });
    expect(server.heard.join('\n')).not.toMatch(/AUTH|sesame|MAIL FROM/);
    await rm(folder, { recursive: true });
  });

  it('is off without an address', async () => {
    expect(await openMail({})).toBeUndefined();
  });

  it.each<[string, MailOptions]>([
    ['no address', { smtp: 'smtp://mail.test' }],
    ['no server', { mailTo: 'lab@uni.test' }],
    ['no such scheme', { mailTo: 'lab@uni.test', smtp: 'http://mail.test' }],
    ['no address of a server', { mailTo: 'lab@uni.test', smtp: 'mail.test:25' }],
    ['a password in the open', { mailTo: 'lab@uni.test', smtp: 'smtps://keeper:sesame@mail.test' }],
    ['a user without a password', { mailTo: 'lab@uni.test', smtp: 'smtps://keeper@mail.test' }],
    ['a password without a user', { mailTo: 'lab@uni.test', smtp: 'smtps://mail.test', smtpPasswordFile: '/none' }],
  ])('refuses %s', async (_, options) => {
    await expect(openMail(options)).rejects.toMatchObject({ code: 'usage-wrong' });
  });

  it('refuses a password file that cannot be read', async () => {
    const options = { mailTo: 'lab@uni.test', smtp: 'smtps://keeper@mail.test', smtpPasswordFile: '/nonexistent/file' };
    await expect(openMail(options)).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
