import { type Surface, surfaceIn } from './surface.ts';
import { type TerminalTraits, terminalTraits } from './terminal-traits.ts';

export interface ThisTerminal {
  readonly surface: Surface;
  /** Of stdout. */
  readonly traits: TerminalTraits;
}

/** As they are typed. */
export interface LookFlags {
  readonly ascii?: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

export interface TerminalFlags extends LookFlags {
  readonly accessible: boolean;
  readonly input: boolean;
}

/** What a command line without flags leaves to the terminal. */
export const noFlags: TerminalFlags = { accessible: false, input: true, color: 'auto' };

/** The terminal of this process. Small enough to be asked before the program is loaded. */
export function thisTerminal({ accessible, input, ...look }: TerminalFlags): ThisTerminal {
  const { stdin, stdout, stderr, env: variables } = process;
  const isTerminal = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);
  return {
    surface: surfaceIn({ accessible, input, isTerminal, variables }),
    traits: traitsOf('stdout', look),
  };
}

/** How one of the two wants to be written to: the other may be a file. */
export function traitsOf(stream: 'stdout' | 'stderr', { ascii = false, color }: LookFlags): TerminalTraits {
  const { platform, env: variables } = process;
  return terminalTraits({ ascii, color, isTerminal: process[stream].isTTY === true, platform, variables });
}
