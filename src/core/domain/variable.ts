import { ExpectedError } from '../errors.ts';

const reserved = /^(OTREE_|POSTGRES_|DATABASE_|PYTHON|LD_|OFOREST_)|^(PORT|PATH|HOME|HOSTNAME|FORWARDED_ALLOW_IPS)$/;

export function parseVariableName(text: string): string {
  if (/^[A-Z_][A-Z0-9_]{0,63}$/.test(text) && !reserved.test(text)) return text;
  throw new ExpectedError('variable-invalid', `reading the variable name ${JSON.stringify(text.slice(0, 80))}`, {
    why: 'It is no name of upper-case letters, digits and underscores, or oForest sets it itself.',
    hint: 'Choose another name.',
  });
}

export function parseVariableValue(name: string, text: string): string {
  if (!text.includes('\0') && Buffer.byteLength(text) <= 32 * 1024) return text;
  throw new ExpectedError('variable-invalid', `reading the value of ${name}`, {
    why: 'It holds a NUL byte or more than 32 KiB.',
    hint: 'Shorten it.',
  });
}

export function templateLiteral(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}');
}
