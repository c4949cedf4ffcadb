/** How the terminal that a person sits at wants to be used, or what stands in its place. */
export interface TerminalTraits {
  /** No characters beyond ASCII. */
  readonly ascii: boolean;
  readonly colors: boolean;
  /** Whether a browser of this computer is one that the person sees. */
  readonly hasBrowser: boolean;
}

export interface TerminalSurroundings {
  /** --ascii. */
  readonly ascii: boolean;
  readonly color: 'auto' | 'always' | 'never';
  /** Of what is written to: a pipe and a file have colours only where somebody insists. */
  readonly isTerminal: boolean;
  readonly platform: NodeJS.Platform;
  readonly variables: Readonly<Partial<Record<string, string>>>;
}

/** The flag is asked first, then the variables that programs agree on. */
export function terminalTraits({
  ascii,
  color,
  isTerminal,
  platform,
  variables,
}: TerminalSurroundings): TerminalTraits {
  return {
    ascii: ascii || variables.TERM === 'linux' || !isUtf8(platform, variables),
    colors: color === 'auto' ? wantsColors(isTerminal, variables) : color === 'always',
    hasBrowser: !variables.SSH_CONNECTION && hasDesktop(platform, variables),
  };
}

/** The first that is set decides, as in the C library; macOS and Windows have UTF-8 where nothing is set. */
function isUtf8(platform: NodeJS.Platform, { LC_ALL, LC_CTYPE, LANG }: TerminalSurroundings['variables']): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  if (!locale) return platform === 'darwin' || platform === 'win32';
  return /utf-?8/i.test(locale);
}

function wantsColors(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: TerminalSurroundings['variables']): boolean {
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && !NO_COLOR && TERM !== 'dumb';
}

function hasDesktop(platform: NodeJS.Platform, variables: TerminalSurroundings['variables']): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(variables.DISPLAY || variables.WAYLAND_DISPLAY || variables.WSL_DISTRO_NAME);
}
