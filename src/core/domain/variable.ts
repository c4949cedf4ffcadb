import { ExpectedError } from '../errors.ts';
import { quoteForPeople } from './terminal-text.ts';

const maxValueBytes = 32 * 1024;

/** https://www.postgresql.org/docs/current/libpq-envars.html; others with PG are free, such as PGG_ROUNDS. */
const libpq = new RegExp(
  `^PG(${[
    ...['HOST', 'HOSTADDR', 'PORT', 'DATABASE', 'USER', 'PASSWORD', 'PASSFILE', 'SERVICE', 'SERVICEFILE', 'OPTIONS'],
    ...['APPNAME', 'REQUIREAUTH', 'REQUIREPEER', 'REQUIRESSL', 'CHANNELBINDING', 'SSL[A-Z]+', 'GSSENCMODE', 'GSSLIB'],
    ...['GSSDELEGATION', 'KRBSRVNAME', 'CONNECT_TIMEOUT', 'CLIENTENCODING', 'TARGETSESSIONATTRS', 'LOADBALANCEHOSTS'],
    ...['(MIN|MAX)PROTOCOLVERSION', 'DATESTYLE', 'TZ', 'GEQO', 'SYSCONFDIR', 'LOCALEDIR', 'DATA'],
  ].join('|')})$`,
);

/** Names a study may not set, each with the reason. */
const reserved: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /^OTREE_/, why: "oForest sets oTree's own variables: production mode, access, passwords and keys." },
  { pattern: /^(POSTGRES_|DATABASE_)/, why: 'oForest makes the database and its passwords.' },
  { pattern: libpq, why: 'It changes how the study reaches its database; oForest sets that.' },
  { pattern: /^PORT$/, why: 'The port is a setting of its own: "port" in oforest.yml.' },
  { pattern: /^FORWARDED_ALLOW_IPS$/, why: 'oForest sets it, so that links begin with https.' },
  { pattern: /^PYTHON/, why: "It changes which code Python runs, oTree's included." },
  { pattern: /^LD_/, why: 'It changes which code every program loads.' },
  { pattern: /^(BASH_ENV|ENV)$/, why: 'It names a script that the shell runs before the study starts.' },
  { pattern: /^IFS$/, why: 'It changes how the shell reads the start script.' },
  { pattern: /^(PATH|HOME|HOSTNAME)$/, why: 'The image and Docker set it; without it otree is not found.' },
  { pattern: /^OFOREST_/, why: 'Names that begin with OFOREST_ are for oForest itself.' },
];

/** The name of a variable or secret of a study. Throws `variable-invalid`. */
export function parseVariableName(text: string): string {
  const why =
    text.length <= 64 && /^[A-Z_][A-Z0-9_]*$/.test(text)
      ? reserved.find(({ pattern }) => pattern.test(text))?.why
      : 'A name has 1 to 64 upper-case letters, digits and underscores, and does not begin with a digit.';
  if (why === undefined) return text;
  const proposal = text.length <= 64 && /^[a-z_][\w-]*$/i.test(text) ? text.toUpperCase().replaceAll('-', '_') : text;
  throw new ExpectedError('variable-invalid', `reading the variable ${quoteForPeople(text)}`, {
    why,
    now: 'Nothing was changed.',
    hint: proposal === text ? 'Choose another name, for example TREATMENT.' : `Write it as ${proposal}.`,
  });
}

/** A value, to be passed on letter by letter. Throws `variable-invalid`; the error does not repeat the value. */
export function parseVariableValue(name: string, text: string): string {
  const reason = reasonAgainst(text);
  if (!reason) return text;
  throw new ExpectedError('variable-invalid', `reading the value of ${quoteForPeople(name)}`, {
    now: 'Nothing was changed.',
    ...reason,
  });
}

/**
 * The value as Swarm must be given it: every node runs `NAME=value` through Go's text/template before the start. Only an
 * opening `{{` means anything there, so each becomes an action that prints it. Of an odd run of braces the last one
 * stays alone, followed by something else; so no new pair arises.
 */
export function templateLiteral(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}');
}

function reasonAgainst(text: string): { why: string; hint: string } | undefined {
  if (text.includes('\0'))
    return { why: 'It holds a NUL byte, where Linux ends a value.', hint: 'Encode it as base64.' };
  if (!text.isWellFormed())
    return { why: 'It is not valid Unicode.', hint: 'Save the text as UTF-8 and read it again.' };
  if (text.length > maxValueBytes || Buffer.byteLength(text) > maxValueBytes)
    return { why: 'It is longer than 32 KiB.', hint: "Put long texts into a file of the study's project." };
  return undefined;
}
