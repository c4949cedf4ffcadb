import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { experimentStatus } from '../../src/core/operations/experiment-status.ts';
import { listStudies } from '../../src/core/operations/list-experiments.ts';
import { copyStudy } from '../support/many-studies.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust } from '../support/trust-game.ts';

describe('a thousand studies', () => {
  let lab: SandboxLab;
  let callsForOne = { list: 0, status: 0 };
  beforeAll(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    callsForOne = { list: await callsOf(listAll), status: await callsOf(statusOf('trust')) };
    copyStudy(lab, 999);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const listAll = async () => (await listStudies(lab.server)).experiments;
  const statusOf = (name: string) => () => experimentStatus(parseStackName(name), lab.server);
  const callsOf = async (work: () => Promise<unknown>) => {
    const before = lab.sandbox.engine.calls.length;
    await work();
    return lab.sandbox.engine.calls.length - before;
  };

  it('are listed with as many calls as one', async () => {
    const studies = await listAll();
    expect(studies).toHaveLength(1000);
    expect(studies.filter(({ state }) => state === 'running').map(({ stack }) => stack)).toEqual(['trust']);
    expect(await callsOf(listAll)).toBe(callsForOne.list);
  });

  it('leave the status of each what it was, with as many calls and answers as short', async () => {
    expect(await statusOf('many-0500')()).toMatchObject({ stack: 'many-0500', state: 'stopped', release: 1 });
    expect(await statusOf('trust')()).toMatchObject({ stack: 'trust', state: 'running', release: 1 });
    expect(await callsOf(statusOf('trust'))).toBe(callsForOne.status);
    const unfiltered = lab.sandbox.engine.calls
      .slice(-callsForOne.status)
      .filter(({ path, query }) => isList(path) && !query);
    expect(unfiltered.map(({ path }) => path).filter((path) => path !== '/nodes')).toEqual([]);
  });
});

const isList = (path: string) => /^\/(services|tasks|configs|secrets|networks|nodes)$/.test(path);
