import { expect, it } from 'vitest';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { askOnScreen } from '../../../../src/cli/tui/runtime/ask-on-screen.ts';

function asking() {
  const told: Message[] = [];
  const screen = askOnScreen((message) => told.push(message));
  const attempt = new AbortController();
  return { told, screen, attempt, ask: () => screen.ask('/key', { isAgain: false, signal: attempt.signal }) };
}

it('gives each answer to the question it was for', async () => {
  const { screen, ask, told } = asking();
  const answers = [ask(), ask()];
  screen.answer(2, 'second');
  screen.answer(1, 'first');
  expect(await Promise.all(answers)).toEqual(['first', 'second']);
  expect(told.map(({ kind }) => kind)).toEqual(['passphrase-wanted', 'passphrase-wanted']);
});

it('takes the question back when the connection is given up', async () => {
  const { ask, attempt, told } = asking();
  const answer = ask();
  attempt.abort();
  expect(await answer).toBeUndefined();
  expect(told.at(-1)).toEqual({ kind: 'passphrase-unwanted', question: 1 });
});

it('hears no answer twice', async () => {
  const { screen, ask } = asking();
  const answer = ask();
  screen.answer(1, undefined);
  screen.answer(1, 'too late');
  expect(await answer).toBeUndefined();
});
