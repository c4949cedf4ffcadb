import { describe, expect, it } from 'vitest';
import { findKeeper } from '../../../src/core/records/keeper-record.ts';
import { validateEventLine } from '../../support/json-answers.ts';
import { openSandboxLab } from '../../support/sandbox-lab.ts';
import { openSandboxHome } from '../sandbox-home.ts';
import { openHome } from '../type-command.ts';

describe('oforest keeper', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is at work until %s, and leaves the work to others', async (signal) => {
    await using lab = await openSandboxLab({ start: Date.now() });
    await lab.prepare();
    await using home = await openSandboxHome(lab.sandbox);

    const typed = home.type('keeper', '--json=lines');
    const { swarm } = lab.server;
    while (!(await findKeeper(swarm))) await new Promise(setImmediate);
    expect((await findKeeper(swarm))?.name).toMatch(new RegExp(`:${process.pid}$`));
    process.emit(signal);

    const { exitCode, stdout } = await typed;
    expect(exitCode).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.flatMap(validateEventLine)).toEqual([]);
    expect(lines.map(({ event }) => event)).toEqual(['active', 'ending']);
    expect(await findKeeper(swarm)).toBeUndefined();
  });

  it('does not begin with mail options that do not fit together', async () => {
    await using home = await openHome();
    expect((await home.type('keeper', '--mail-to', 'lab@uni.test')).exitCode).toBe(2);
  });
});
