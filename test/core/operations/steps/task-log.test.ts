import { describe, expect, it } from 'vitest';
import {
  isProbeLine,
  lastWord,
  showableLine,
  shownLog,
  taskLines,
} from '../../../../src/core/operations/steps/task-log.ts';
import type { LogLine, SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { swarmOf } from '../../../support/showing-swarm.ts';

const line = (text: string): LogLine => ({ stream: 'stdout', at: '2027-01-01T09:00:00.000000000Z', text });

function swarmWithLog(...texts: readonly string[]): { swarm: SwarmGateway; asked: string[] } {
  const asked: string[] = [];
  const swarm: SwarmGateway = {
    ...swarmOf({}),
    async *taskLog(taskId) {
      asked.push(taskId);
      for (const text of texts) yield line(text);
    },
  };
  return { swarm, asked };
}

describe('a line of a log', () => {
  it('is shown without what leads to a participant, and with nothing a terminal obeys', () => {
    expect(showableLine(line('\u001b[2JGET /p/4f6x2k9a/intro/Welcome/1')).text).toBe(
      '␛[2JGET /p/‹participant›/intro/Welcome/1',
    );
  });

  it('keeps its stream and time', () => {
    expect(showableLine(line('hello'))).toEqual(line('hello'));
  });

  it('of our own probe is known by the address it shows', () => {
    expect(isProbeLine(line('INFO:     oforest-probe:0 - "GET /login HTTP/1.1" 200 OK'))).toBe(true);
    expect(isProbeLine(line('INFO:     192.0.2.7:51234 - "GET /login HTTP/1.1" 200 OK'))).toBe(false);
  });
});

describe('the lines of a task that failed', () => {
  it('are asked of that task, without empty ones', async () => {
    const { swarm, asked } = swarmWithLog('one', '', 'two', '   ', 'three');

    expect(await taskLines('task1', { swarm })).toEqual(['one', 'two', 'three']);
    expect(asked).toEqual(['task1']);
  });

  it('leave out requests that were answered, and keep those that failed', async () => {
    const { swarm } = swarmWithLog(
      'INFO:     192.0.2.7:51234 - "GET /login HTTP/1.1" 200 OK',
      'INFO:     192.0.2.7:51234 - "GET /demo HTTP/1.1" 404 Not Found',
      'INFO:     192.0.2.7:51234 - "GET /login HTTP/1.1" 500 Internal Server Error',
      'KeyError: 5',
    );

    expect(await taskLines('task1', { swarm })).toEqual([
      'INFO:     ‹address› - "GET /login HTTP/1.1" 500 Internal Server Error',
      'KeyError: 5',
    ]);
  });

  it('are those that came before the log could not be read any further', async () => {
    const swarm: SwarmGateway = {
      ...swarmOf({}),
      async *taskLog() {
        yield line('a last word');
        throw new Error('the node is gone');
      },
    };

    expect(await taskLines('task1', { swarm })).toEqual(['a last word']);
  });
});

describe('what is shown of a log', () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

  it('is its end', () => {
    expect(shownLog(numbered(20))).toEqual(numbered(20).slice(5));
    expect(shownLog(['one', 'two'])).toEqual(['one', 'two']);
    expect(shownLog([])).toEqual([]);
  });

  it('begins with the error when its end does not show it, in as many lines', () => {
    const log = [
      'Traceback (most recent call last):',
      'sqlalchemy.exc.ProgrammingError: no such table',
      ...numbered(20),
    ];

    expect(shownLog(log)).toEqual(['sqlalchemy.exc.ProgrammingError: no such table', '…', ...numbered(20).slice(7)]);
  });

  it('names the last of several errors', () => {
    expect(lastWord(['ValueError: one', 'the above exception was …', 'KeyError: two', 'and so on'])).toBe(
      'KeyError: two',
    );
    expect(lastWord(['nothing of the kind'])).toBeUndefined();
  });
});
