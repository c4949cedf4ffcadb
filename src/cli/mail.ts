import { readFile } from 'node:fs/promises';
import { ExpectedError, type Mail, Secret } from '../core/index.ts';

export interface MailOptions {
  readonly mailTo?: string;
  readonly mailFrom?: string;
  /** `smtp://mail.example.edu:587`, `smtps://keeper@mail.example.edu` */
  readonly smtp?: string;
  readonly smtpPasswordFile?: string;
}

const timeoutMs = 30_000;

/**
 * Sends mails as the options say; undefined when there are none. `smtp:` begins in the clear and takes TLS where the server
 * offers it; a password is given only over TLS. Throws `usage-wrong` for options that do not fit together and
 * `file-unreadable`; sending throws `operation-failed` with the server's words.
 */
export async function openMail(options: MailOptions): Promise<((mail: Mail) => Promise<void>) | undefined> {
  const { mailTo: to, smtp, smtpPasswordFile } = options;
  if (to === undefined) {
    if (smtp !== undefined || smtpPasswordFile !== undefined || options.mailFrom !== undefined)
      throw wrong('The address that mails go to is missing: --mail-to.');
    return undefined;
  }
  if (smtp === undefined) throw wrong('The mail server is missing: --smtp smtp://mail.example.edu:587.');
  const url = URL.canParse(smtp) ? new URL(smtp) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw wrong('The mail server is written as smtp://HOST:PORT, or smtps://USER@HOST.');
  if (url.password !== '') throw wrong('A password on a command line can be seen by others: --smtp-password-file.');
  const user = decodeURIComponent(url.username);
  if ((user !== '') !== (smtpPasswordFile !== undefined))
    throw wrong('A user in --smtp and --smtp-password-file belong together.');
  const from = options.mailFrom ?? to;
  const password = smtpPasswordFile === undefined ? undefined : await readPassword(smtpPasswordFile);
  const isTls = url.protocol === 'smtps:';

  return async ({ subject, text }) => {
    // Only a keeper with mail waits for it to load.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host: url.hostname,
      port: url.port === '' ? (isTls ? 465 : 587) : Number(url.port),
      secure: isTls,
      requireTLS: password !== undefined,
      ...(password && { auth: { user, pass: password.reveal() } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({ from, to, subject, text });
    } catch (cause) {
      throw new ExpectedError('operation-failed', `sending a mail by ${url.host}`, {
        why: cause instanceof Error ? cause.message : String(cause),
        hint: 'Check --smtp, --mail-to and --mail-from.',
        cause,
      });
    } finally {
      transport.close();
    }
  };
}

async function readPassword(file: string): Promise<Secret> {
  try {
    return new Secret((await readFile(file, 'utf8')).trim());
  } catch (cause) {
    throw new ExpectedError('file-unreadable', 'reading the password of the mail server', {
      why: `${file} cannot be read.`,
      hint: 'Correct --smtp-password-file.',
      cause,
    });
  }
}

function wrong(why: string): ExpectedError {
  return new ExpectedError('usage-wrong', 'reading where mails go', { why, hint: 'Run `oforest keeper --help`.' });
}
