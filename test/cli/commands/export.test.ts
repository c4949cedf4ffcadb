import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { validateAnswer } from '../../support/json-answers.ts';
import { playSession } from '../../support/sandbox-data.ts';
import { homeWithTrust } from '../sandbox-home.ts';

describe('export on the command line', () => {
  const home = homeWithTrust();
  beforeAll(() => playSession(home.lab, 'trust', { participants: 2 }));

  /** The command has the clock of this computer; the sandbox's goes on at ten times its pace. */
  async function type(...words: string[]) {
    const { clock, signal } = home.lab;
    let isOver = false;
    const typed = home.type(...words).finally(() => {
      isOver = true;
    });
    while (!isOver) await Promise.all([clock.sleep(200, signal), systemClock.sleep(20, signal)]);
    return await typed;
  }

  it('tells people which files there are, who wrote them and where', async () => {
    const folder = join(home.path, 'for-people');
    const { exitCode, stdout } = await type('export', 'trust', '--out', folder);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^FILE +ROWS\nwide\.csv +2\n/);
    expect(stdout).toContain(`Written by v1 (oTree 6.0.15) of trust to ${folder}\n`);
    expect(await readFile(join(folder, 'wide.csv'), 'utf8')).toMatch(/^session\.code,/);
  });

  it('answers scripts as published, and says what an anonymous one may still tell', async () => {
    const folder = join(home.path, 'for-scripts');
    const { exitCode, stdout } = await type('export', 'trust', '--out', folder, '--anonymous', '--json');

    expect(exitCode).toBe(0);
    expect(validateAnswer(JSON.parse(stdout), 'export')).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ outcome: 'exported', path: folder, release: 1, anonymous: true, failed: [] },
      notFiltered: expect.arrayContaining(['free-text answers']),
    });
  });

  it('refuses a folder with something in it before it asks the server', async () => {
    await writeFile(join(home.path, 'mine.txt'), '');
    const { exitCode, stderr } = await home.type('export', 'trust', '--out', home.path);

    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is something in it already.');
  });
});
