import type { TuiState } from '../model/state.ts';
import { agesAt } from './age.ts';
import { cutLine, emptyLine, type Line, line, spread } from './line.ts';
import { glyph, type Look } from './look.ts';

/** How the window stands to its server, for the right end of the head. */
export function linkLine(state: TuiState, look: Look): Line {
  const { link, asOf } = state;
  const shown = asOf === undefined ? '' : `as of ${timeOf(asOf)} `;
  switch (link.kind) {
    case 'nowhere':
      return emptyLine;
    case 'live':
      return line({ text: `${glyph('running', look)} live `, color: 'green' });
    case 'connecting':
      return line({ text: shown === '' ? 'connecting ' : `connecting, ${shown}`, dim: true });
    case 'stale':
      return line({ text: `${glyph('attention', look)} ${shown || 'cannot tell '}`, color: 'yellow' });
    case 'offline': {
      const since = forHowLong(agesAt(state) - link.since);
      return line({
        text: `${glyph('failed', look)} offline${since} ${shown === '' ? '' : `${glyph('waiting', look)} ${shown}`}`,
        color: 'red',
      });
    }
  }
}

/** Why the list is not live, and when that may change; undefined while it is, or nobody knows why not. */
export function troubleLine({ server, link }: TuiState, columns: number, look: Look): Line | undefined {
  if (link.kind !== 'offline' && link.kind !== 'stale') return undefined;
  const { error } = link;
  if (!error) return undefined;
  const isSilent = link.kind === 'offline' && error.code === 'timed-out';
  const what = isSilent ? `${server} does not answer.` : `${server}: ${error.why ?? error.what}`;
  const next = link.kind === 'offline' && columns >= 60 ? nextTry(link.nextTryAt) : '';
  const why = line({ text: ` ${glyph('failed', look)} ${what}`, color: 'red' });
  return spread(cutLine(why, columns - next.length - 1), line(next), columns);
}

function nextTry(at: number | 'now' | 'when-asked'): string {
  if (at === 'now') return '  Trying again… ';
  return at === 'when-asked' ? '  r tries again ' : `  Next try at ${timeOf(at)} `;
}

function forHowLong(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return '';
  return minutes < 90 ? ` ${minutes} min` : ` ${Math.round(minutes / 60)} h`;
}

export function timeOf(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
