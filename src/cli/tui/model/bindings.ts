import type { Key } from './keys.ts';
import type { Next } from './next.ts';
import type { Screen, TuiState } from './state.ts';

/**
 * What keys do on a screen. Handler, hints, help and docs all read it, so that none can say another thing than the others.
 */
export interface Binding<Of extends Screen = Screen> {
  /** The first is the one that is shown. */
  readonly keys: readonly Key[];
  /** What it does, in words for the help: "open in a browser". */
  readonly does: string;
  /** As short as the hints at the foot want it: "open"; absent where the hints leave it out. */
  readonly hint?: string;
  /** Whether it does anything at the moment; always, where absent. */
  readonly when?: (state: TuiState, screen: Of) => boolean;
  /** Why it would only be refused at the moment; the help says so, and the hints leave it out. */
  readonly blocked?: (state: TuiState, screen: Of) => string | undefined;
  readonly run: (state: TuiState, screen: Of, key: Key) => Next;
}

/** A screen as the reducer knows it. */
export interface ScreenRules<Of extends Screen = Screen> {
  readonly bindings: readonly Binding<Of>[];
  /** What a field that is being typed into makes of a key; undefined where the key is not the field's. */
  readonly typed?: (state: TuiState, screen: Of, key: Key) => Next | undefined;
  /** Whether letters go into a field at the moment: then they are no keys. */
  readonly isTyping?: (screen: Of) => boolean;
  readonly pasted?: (state: TuiState, screen: Of, text: string) => Next;
  /** Whether what is asked for has to be typed, letter by letter. */
  readonly refusesPaste?: (screen: Of) => boolean;
  /** Whether keys are dropped until it was drawn: nobody answers a question they could not see. */
  readonly waitsToBeSeen?: true;
}
