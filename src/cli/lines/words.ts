import { counted, safeText } from '../../core/index.ts';

/** Frames, bars, blocks and other shapes: a screen reader spells each of them out, or drops them. */
const shapes = /[\u2190-\u21ff\u2500-\u25ff\u2700-\u27bf\ue000-\uf8ff]+/gu;

/** One line that can be read out: no control bytes, no shapes, no line ends, no rows of spaces. */
export function spokenLine(text: string): string {
  return safeText(text.replaceAll(/\s+/g, ' ')).replaceAll(shapes, ' ').replaceAll(/ {2,}/g, ' ').trim();
}

/** With a full stop, and a capital letter unless it begins with a release or with oTree. */
export function sentence(text: string): string {
  const whole = withStop(text.trim());
  return /^(v\d|oTree\b|oForest\b)/.test(whole) ? whole : `${whole.charAt(0).toUpperCase()}${whole.slice(1)}`;
}

/** With a full stop; it may begin with a name, which stays as it is. */
export function withStop(text: string): string {
  return /[.!?:…]$/.test(text) ? text : `${text}.`;
}

/** A length of time: "5 seconds", "2 minutes", "3 hours", "1 day". */
export function timeInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return counted(seconds, 'second');
  if (seconds < 90 * 60) return counted(Math.round(seconds / 60), 'minute');
  if (seconds < 36 * 3600) return counted(Math.round(seconds / 3600), 'hour');
  return counted(Math.round(seconds / 86_400), 'day');
}

/** The same to the second, so that no two sentences of a long wait are the same: "2 minutes and 30 seconds". */
export function waitInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return counted(seconds, 'second');
  const minutes = counted(Math.floor(seconds / 60), 'minute');
  return seconds % 60 === 0 ? minutes : `${minutes} and ${counted(seconds % 60, 'second')}`;
}

/** How long ago a time of a record is, at `now` in Unix ms; empty where the record has none. */
export function agoInWords(time: string, now: number): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? '' : `${timeInWords(now - at)} ago`;
}

export function peopleInWords(count: number): string {
  return count === 0 ? 'no people' : counted(count, 'person', 'people');
}
