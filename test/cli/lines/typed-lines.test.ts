import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { beforeEach, expect, it } from 'vitest';
import { type TypedLines, typedLines } from '../../../src/cli/lines/typed-lines.ts';

let input: PassThrough;
let typed: TypedLines;
let heard: string[];
beforeEach(() => {
  input = new PassThrough();
  heard = [];
  typed = typedLines(input, { hear: (line) => heard.push(line), end: () => heard.push('the end') });
});

/** As a question for a passphrase reads it. */
async function ask(): Promise<string> {
  const reader = createInterface({ input });
  const answered = once(reader, 'line');
  input.write('open sesame\n');
  const [line] = await answered;
  reader.close();
  return line;
}

it('are heard one after the other, and then the end', async () => {
  input.end('one\ntwo\n');
  await expect.poll(() => heard).toEqual(['one', 'two', 'the end']);
});

it('are heard by nobody else while somebody asks alone, and by everybody after that', async () => {
  input.write('one\n');
  await expect.poll(() => heard).toEqual(['one']);

  expect(await typed.alone(ask)).toBe('open sesame');
  expect(await typed.alone(ask)).toBe('open sesame');

  input.end('two\n');
  await expect.poll(() => heard).toEqual(['one', 'two', 'the end']);
});
