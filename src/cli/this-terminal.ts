import { type Surface, surfaceIn } from './surface.ts';
import { type TerminalTraits, terminalTraits } from './terminal-traits.ts';

export interface ThisTerminal {
  readonly surface: Surface;
  readonly traits: TerminalTraits;
}

interface Flags {
  readonly accessible: boolean;
  readonly input: boolean;
  readonly ascii: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

/** What a command line without flags leaves to the terminal. */
export const noFlags: Flags = { accessible: false, input: true, ascii: false, color: 'auto' };

/** The terminal of this process. Small enough to be asked before the program is loaded. */
export function thisTerminal({ accessible, input, ascii, color }: Flags): ThisTerminal {
  const { stdin, stdout, stderr, platform, env: variables } = process;
  const isTerminal = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);
  return {
    surface: surfaceIn({ accessible, input, isTerminal, variables }),
    traits: terminalTraits({ ascii, color, platform, variables }),
  };
}
