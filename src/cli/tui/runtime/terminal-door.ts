/** What the terminal itself can be asked for, beside being drawn on. */
export interface TerminalDoor {
  /**
   * Into the clipboard of whoever sits at the terminal, over SSH as well (OSC 52). Returns how much of it, since terminals
   * take only so much; or that it was read out, where there is no screen to copy from.
   */
  copy(text: string, what: string): 'all' | 'beginning' | 'read-out';
  /** Opens the address in a browser; shows and copies it where the person would see none. */
  browse(url: string): void;
  repaint(): void;
  /** Returns once the person is back; at once where nothing can be suspended. */
  suspend(): Promise<void>;
  leave(exitCode: number): void;
}
