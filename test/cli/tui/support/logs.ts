import { type LogPart, type NewLine, newLine } from '../../../../src/cli/tui/model/log-lines.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import type { LogsScreen } from '../../../../src/cli/tui/model/screens/logs.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { pressed } from './press.ts';
import { aStudy, aTuiState, someNow } from './states.ts';

/** A line of oTree's stdout, so many seconds after some time. */
export function aLine(
  text: string,
  {
    part = 'web',
    stream = 'stdout',
    second = 0,
  }: { part?: LogPart; stream?: 'stdout' | 'stderr'; second?: number } = {},
): NewLine {
  const at = new Date(someNow + second * 1000).toISOString().replace('Z', '000000Z');
  return newLine(part, { stream, at, text });
}

/** `line 1`, `line 2` … , as many as that. */
export function someLines(count: number, { from = 1 } = {}): readonly NewLine[] {
  return Array.from({ length: count }, (_, index) => aLine(`line ${from + index}`, { second: from + index }));
}

/** The logs of trust-game, with these lines in them. */
export function aLogState(lines: readonly NewLine[], size = { columns: 80, rows: 24 }): TuiState {
  const opened = pressed(aTuiState({ studies: [aStudy({ experiment: 'trust-game' })], size }), 'l');
  const parts: readonly LogPart[] = ['web', 'db'];
  const following = parts.reduce(
    (state, part) =>
      reduce(state, { kind: 'log-feed', serial: topScreen(state).serial, part, feed: { kind: 'following' } }, someNow)
        .state,
    opened,
  );
  return told(following, lines);
}

/** The state after these lines have come at once. */
export function told(state: TuiState, lines: readonly NewLine[]): TuiState {
  return reduce(state, { kind: 'log-lines', serial: logsOf(state).serial, lines }, state.now).state;
}

export function logsOf(state: TuiState): LogsScreen {
  const top = topScreen(state);
  if (top.name !== 'logs') throw new Error('the logs are not on top');
  return top;
}
