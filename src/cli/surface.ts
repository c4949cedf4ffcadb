/** What `oforest` without a command does: opens a screen, speaks in lines, or prints the list once and ends. */
export type Surface = 'screen' | 'lines' | 'list';

/** What decides it, as read from the command line, the terminal and the variables. */
export interface Surroundings {
  /** --accessible. */
  readonly accessible: boolean;
  /** False with --no-input, and where a script reads: --json, --plain. */
  readonly input: boolean;
  /** Of stdin, stdout and stderr: whether all of them are a terminal. */
  readonly isTerminal: boolean;
  readonly variables: Readonly<Partial<Record<'ACCESSIBLE' | 'INK_SCREEN_READER' | 'TERM' | 'CI', string>>>;
}

/**
 * A variable stands in a profile and is no reason to ask anybody in a script: only the flag itself reads answers from a
 * pipe. A dumb terminal cannot be drawn on, and can be spoken to when asked for.
 */
export function surfaceIn({ accessible, input, isTerminal, variables }: Surroundings): Surface {
  if (!input) return 'list';
  if (accessible) return 'lines';
  if (!isTerminal || isSet(variables.CI)) return 'list';
  if (isSet(variables.ACCESSIBLE) || variables.INK_SCREEN_READER === 'true') return 'lines';
  return variables.TERM === 'dumb' ? 'list' : 'screen';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
