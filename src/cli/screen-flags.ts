import { noFlags, type TerminalFlags } from './this-terminal.ts';

const switches: readonly string[] = ['--ascii', '--accessible', '--no-input', '--quiet', '--verbose', '--yes'];
const withName: readonly string[] = ['--server', '--env'];
const colors: readonly string[] = ['auto', 'always', 'never'];

/**
 * The flags of a command line without a command, which opens the screen; undefined for any other, and for one that has a
 * mistake in it, which is told of in the terminal as it is. Small enough to be asked before the program is loaded.
 */
export function screenFlags(words: readonly string[]): TerminalFlags | undefined {
  let flags = noFlags;
  const left = words.flatMap((word) => (/^--(server|env|color)=/.test(word) ? splitAtFirst(word) : [word]));
  while (left.length > 0) {
    const [word = '', value] = left;
    const isSwitch = switches.includes(word);
    if (word === '--ascii') flags = { ...flags, ascii: true };
    else if (word === '--accessible') flags = { ...flags, accessible: true };
    else if (word === '--no-input') flags = { ...flags, input: false };
    else if (word === '--color' && value !== undefined && colors.includes(value))
      flags = { ...flags, color: value as TerminalFlags['color'] };
    else if (!isSwitch && !(withName.includes(word) && value !== undefined && !value.startsWith('-'))) return undefined;
    left.splice(0, isSwitch ? 1 : 2);
  }
  return flags;
}

function splitAtFirst(word: string): readonly string[] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}
