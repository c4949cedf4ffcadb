import { describe, expect, it } from 'vitest';
import { runReview } from '../../src/cli/run-review.ts';
import type { Review, Server } from '../../src/core/index.ts';
import { nothingDeployed } from '../support/builders.ts';
import { validateAnswer } from '../support/json-answers.ts';
import { swarmShowing } from '../support/showing-swarm.ts';
import { aContext } from './a-context.ts';

const update = {
  action: 'update',
  subject: 'web',
  name: 'my-exp_web',
  because: 'variables change: TREATMENT',
  interrupts: true,
} as const;

const review = (more: Partial<Review> = {}): Review =>
  ({
    stack: 'my-exp',
    verb: 'variable',
    plan: [update],
    work: { kind: 'restart' },
    url: 'https://my-exp.lab.test',
    newSecrets: [],
    serving: 3,
    ...more,
  }) as Review;

/** It shows a study whose containers are out of reach; nothing may be written. */
const server = { swarm: swarmShowing(nothingDeployed()) } as Server;

async function planned(given: Review, options = { plan: true }) {
  const context = aContext();
  await runReview(async () => given, options, server, context);
  const [answer] = context.said.answers;
  if (!answer) throw new Error('there was no answer');
  return answer;
}

describe('a plan', () => {
  it('is shown with its reasons and what people would notice, and nothing is started', async () => {
    const { text } = await planned(review());

    expect(text).toBe(`Plan of variable for my-exp; nothing was changed yet:
! update oTree (my-exp_web): variables change: TREATMENT

! marks what people on a page would notice: their page waits a few seconds.`);
  });

  it('promises a short wait only where web is merely restarted', async () => {
    const { text } = await planned(review({ plan: [{ ...update, action: 'stop' }] }));

    expect(text).toMatch(/! marks what people on a page would notice\.$/);
  });

  it('has no word about people when nobody would notice', async () => {
    const { text } = await planned(review({ plan: [{ ...update, action: 'relabel', interrupts: false }] }));

    expect(text).toBe(`Plan of variable for my-exp; nothing was changed yet:
  relabel oTree (my-exp_web): variables change: TREATMENT`);
  });

  it('is data for scripts, as published', async () => {
    const { json, rows } = await planned(review());

    expect(json).toEqual({
      verb: 'variable',
      stack: 'my-exp',
      plan: [update],
      url: 'https://my-exp.lab.test',
      outcome: 'planned',
      release: 3,
    });
    expect(validateAnswer({ version: 1, ok: true, ...json }, 'variable set')).toEqual([]);
    expect(rows).toEqual([['update', 'web', 'my-exp_web', 'variables change: TREATMENT']]);
  });

  it('that is empty says so, with or without --plan, and names what serves', async () => {
    for (const options of [{ plan: true }, { plan: false }]) {
      const { text, json } = await planned(review({ plan: [] }), options);

      expect(text).toBe('Nothing to do: my-exp already runs this as v3 at https://my-exp.lab.test.');
      expect(json).toMatchObject({ outcome: 'unchanged', plan: [] });
      expect(validateAnswer({ version: 1, ok: true, ...json }, 'deploy')).toEqual([]);
    }
  });

  it('that is empty for a stopped study does not say that it runs', async () => {
    const { text } = await planned(review({ verb: 'stop', plan: [], serving: undefined }));

    expect(text).toBe('Nothing to do: my-exp is already as asked.');
  });
});
