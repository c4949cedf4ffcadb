import { expect, it } from 'vitest';
import type { News } from '../../../../src/cli/tui/model/messages.ts';
import { readStudy } from '../../../../src/cli/tui/runtime/read-study.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';

it('tells how a study is first, and its last lines after that, where they are wanted', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  const heard: News[] = [];
  const needs = { ...lab, dispatch: (news: News) => heard.push(news) };

  await readStudy({ stack: 'trust', withLog: true }, needs);
  await readStudy({ stack: 'trust', withLog: false }, needs);

  expect(heard.map(({ kind }) => kind)).toEqual(['study-read', 'log-glanced', 'study-read']);
  expect(heard[1]).toMatchObject({
    stack: 'trust',
    lines: expect.arrayContaining([expect.objectContaining({ part: 'web' })]),
  });
});
