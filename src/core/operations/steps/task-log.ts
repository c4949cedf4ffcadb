import { maskParticipants } from '../../domain/mask.ts';
import { safeText } from '../../domain/terminal-text.ts';
import type { LogLine, LogOptions, SwarmGateway } from '../../swarm/gateway.ts';
import { probeAddress } from '../../swarm/scripts.ts';

/** A line as anyone may see it: participants masked, control bytes neutralised. */
export function showableLine(line: LogLine): LogLine {
  return { ...line, text: maskParticipants(safeText(line.text)) };
}

/** Our own health probe writes one line each time; nobody needs them. */
export function isProbeLine({ text }: LogLine): boolean {
  return text.includes(`${probeAddress}:`);
}

/** uvicorn's line for a request that was answered: it tells nothing about why a task ended. */
function isAnsweredRequest({ text }: LogLine): boolean {
  return /^INFO: +\S+ - "[A-Z]+ [^"]*" [234]\d\d/.test(text);
}

/** The lines of a task that may tell why it ended, masked, oldest first; empty when dockerd has none (any more). */
export async function taskLines(taskId: string, { swarm }: { swarm: SwarmGateway }): Promise<readonly string[]> {
  const options: LogOptions = { tail: 200 };
  const lines: string[] = [];
  try {
    for await (const line of swarm.taskLog(taskId, options))
      if (!isAnsweredRequest(line)) lines.push(showableLine(line).text);
  } catch {
    // The task's node is gone or its log was removed with it: the failure is reported without lines.
  }
  return lines.filter((line) => line.trim() !== '');
}

const shownLines = 15;

/** A line of Python that names what went wrong: the end of a traceback. */
export function lastWord(log: readonly string[]): string | undefined {
  return log.findLast((line) => /^[\w.]*(?:Error|Exception|Warning|Exit)\b/.test(line));
}

/** The end of a log, with the line that names the error in front when a long statement follows it. */
export function shownLog(log: readonly string[]): readonly string[] {
  const end = log.slice(-shownLines);
  const word = lastWord(log);
  return word === undefined || end.includes(word) ? end : [word, '…', ...end.slice(2)];
}
