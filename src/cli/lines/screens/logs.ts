import { type LogEntry, partNames, sieve } from '../../tui/model/log-lines.ts';
import { stay, withTop } from '../../tui/model/next.ts';
import type { LogsScreen } from '../../tui/model/screens/logs.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import { type Choice, press, type Say } from '../spoken.ts';
import { sentence } from '../words.ts';

/** More cannot be listened to at once; what comes later is told as it comes. */
const newest = 10;

const partInWords: Readonly<Record<LogsScreen['part'], string>> = {
  all: 'oTree and the database',
  web: 'oTree alone',
  db: 'the database alone',
};

/** What a study prints, line by line as it comes; a word filters it. */
export const sayLogs: Say<'logs'> = (_, screen) => {
  const { stack, part, filter, feeds, buffer } = screen;
  const lines = sieve(buffer.lines, screen).flatMap((item) => (item.kind === 'line' ? [item.entry] : []));
  const broken = Object.values(feeds).flatMap((feed) => (feed.kind === 'broken' ? [feed.error] : []));
  const isOpening = Object.values(feeds).some(({ kind }) => kind === 'opening');
  const asking = `asking for the logs of ${stack}`;
  const choices: readonly Choice[] = [
    { label: 'Go back', run: press('Esc') },
    { label: 'Hear another part', run: press('Tab') },
    { label: 'Save all lines to a file in the current folder', run: press('s') },
  ];
  if (isOpening && buffer.lines.length === 0)
    return { told: [sentence(asking)], choices: [], asks: '', waitsFor: asking };
  return {
    told: [
      `Logs of ${stack}, ${partInWords[part]}${filter === '' ? '' : `, lines with ${filter}`}, newest last.`,
      ...broken.map(({ what, why }) => sentence(`Not read at the moment: ${why ?? what}`)),
      ...(lines.length === 0 && filter !== '' ? [`No line with ${filter} so far.`] : []),
      ...lines.slice(-newest).map(lineInWords),
    ],
    choices,
    asks:
      filter === ''
        ? 'Type a number, a word to filter by, back, or quit.'
        : 'Type a number, another word, back to hear all lines, or quit.',
    takes: filterBy,
    ...(isOpening && { waitsFor: asking }),
    isLive: true,
  };
};

function lineInWords({ at, part, level, text }: LogEntry): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  return `${time}, ${partNames[part]}${level === undefined ? '' : `, ${level}`}: ${text}`;
}

function filterBy(state: TuiState, text: string) {
  return stay(withTop(state, { ...(topScreen(state) as LogsScreen), filter: text }));
}
