import type { OperationEvent } from '../../src/core/index.ts';
import { openTalk } from '../../test/cli/lines/support/open-talk.ts';
import { aReview, peopleSeen } from '../../test/cli/tui/support/reviews.ts';
import { aTuiState, someNow } from '../../test/cli/tui/support/states.ts';
import {
  beginningOfV4,
  registry,
  reviewOfV4,
  secondsBefore,
  studies,
  type Told,
  trialOfV4,
  trust,
} from './lab-shown.ts';

const people = 24;

/** A deployment in lines, as it is heard; what was typed begins with "> ". */
export function conversation(): string {
  const talk = openTalk(aTuiState({ studies }));
  const said = [...talk.heard()];
  const answer = (line: string) => said.push(`> ${line}`, ...talk.answer(line));

  answer(String(studies.indexOf(trust) + 1));
  answer('deploy');
  answer(`${registry}/trust-game:v4`);
  const review = talk.effects.findLast(({ kind }) => kind === 'review');
  if (review?.kind !== 'review') throw new Error('no review was asked for');
  const { serial, asked } = review;
  const seen = peopleSeen(trust.stack, people);
  said.push(...talk.tell({ kind: 'reviewed', serial, review: aReview(asked, reviewOfV4), people: seen }));
  answer('1');
  const start = talk.effects.findLast(({ kind }) => kind === 'start');
  if (start?.kind !== 'start') throw new Error('nothing was started');
  said.push(...talk.tell({ kind: 'waiting', serial: start.serial, sentence: `Waiting: ${seen.sentence}` }));
  said.push(...talk.tell({ kind: 'started', serial: start.serial, operation: 'op00000042', where: 'keeper' }));
  const follow = talk.effects.findLast(({ kind }) => kind === 'follow');
  if (follow?.kind !== 'follow') throw new Error('nothing is followed');
  let at = someNow;
  for (const told of wholeDeployment) {
    at += secondsBefore(told) * 1_000;
    const event = { ...told, at: new Date(at).toISOString(), operation: follow.operation } as OperationEvent;
    said.push(...talk.tell({ kind: 'event', serial: follow.serial, event }));
  }
  talk.talk.close();
  return said.map((line) => `    ${line}`).join('\n');
}

const wholeDeployment: readonly Told[] = [
  beginningOfV4,
  ...trialOfV4,
  { kind: 'step-started', step: 'prove' },
  { kind: 'serving', release: 4, url: trust.url, path: 'public' },
  { kind: 'step-finished', step: 'prove', outcome: 'changed' },
  { kind: 'operation-finished', result: { stack: trust.stack, state: 'running', release: 4, url: trust.url } },
];
