/** What the terminal itself can be asked for, beside being drawn on. */
export interface TerminalDoor {
  /** Into the clipboard of whoever sits at the terminal, over SSH as well (OSC 52). */
  copy(text: string): void;
  /** Opens the address, or shows it where there is no browser to open. */
  browse(url: string): void;
  repaint(): void;
  suspend(): void;
  leave(): void;
}
