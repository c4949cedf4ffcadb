import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { playSession } from '../../support/sandbox-data.ts';
import { openSandboxLab } from '../../support/sandbox-lab.ts';
import { reviewTrust } from '../../support/trust-game.ts';
import { type SandboxTalk, talkInSandbox } from './support/talk-in-sandbox.ts';

/** Line by line; what was answered begins with "> ". */
const conversation = readFileSync(new URL('./whole-life.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

const unheard = /\p{Cc}|[\u2500-\u25ff]/u;
const saysWhatNext = /^(Type|You can type) /;

let talk: SandboxTalk;
/** What was said after each answer. */
const told: { readonly answer: string; readonly lines: readonly string[] }[] = [];
const said: string[] = [];
beforeAll(async () => {
  await using lab = await openSandboxLab({ start: Date.now() });
  await lab.prepare();
  for (const tag of ['v1', 'v2']) await lab.run(await reviewTrust(lab, tag));
  playSession(lab, 'trust', { participants: 6 });
  talk = await talkInSandbox(lab);
  said.push(...talk.heard());
  for (const line of conversation.filter((one) => one.startsWith('> '))) {
    const lines = await talk.answer(line.slice(2));
    told.push({ answer: line, lines });
    said.push(line, ...lines);
  }
  await talk[Symbol.asyncDispose]();
}, 60_000);

describe("a study's whole life in lines", () => {
  it('is a conversation that can be read', () => {
    expect(said.map(masked)).toEqual(conversation);
    expect(talk.left).toBe(0);
  });

  it('has nothing that a screen reader cannot read, and nothing twice in a row', () => {
    expect(said.filter((line) => unheard.test(line) || line.trim() === '')).toEqual([]);
    expect(said.filter((line, index) => line === said[index - 1])).toEqual([]);
  });

  it('says after every answer what can be answered next', () => {
    const silent = told.filter(({ lines }) => !lines.some((line) => saysWhatNext.test(line)));

    expect(silent.map(({ answer }) => answer)).toEqual(['> quit']);
  });

  it('tells each step of an operation once', () => {
    for (const { answer, lines } of told.filter((one) => one.answer.endsWith(' now')))
      expect(
        lines.filter((line, index) => lines.indexOf(line) !== index && !/^(\d|Type|You|Log)/.test(line)),
        answer,
      ).toEqual([]);
  });
});

/** Without what is different each time: ids, times and days. */
function masked(line: string): string {
  return line
    .replaceAll(/\d{8}T\d{6}Z-\w{10}/g, 'BACKUP')
    .replaceAll(/(operation |Operation: |otree_old_)[a-z0-9]{10}\b/g, '$1ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?/g, 'DAY')
    .replaceAll(/\d\d:\d\d:\d\d/g, 'CLOCK')
    .replaceAll(/\b\d+ (second|minute)s?\b/g, 'A WHILE')
    .replaceAll(/about \d+ (s|min), as/g, 'A WHILE, as');
}
