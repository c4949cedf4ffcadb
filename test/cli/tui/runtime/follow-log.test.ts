import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogPart, NewLine } from '../../../../src/cli/tui/model/log-lines.ts';
import type { News } from '../../../../src/cli/tui/model/messages.ts';
import { followLog } from '../../../../src/cli/tui/runtime/follow-log.ts';
import type { Server } from '../../../../src/core/index.ts';
import { openLabOn, openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';

describe('the log of a study that is followed', () => {
  let lab: SandboxLab;
  let stop: AbortController;
  let server: Pick<Server, 'swarm'> | undefined;
  let batches: (readonly NewLine[])[];
  let feeds: Record<LogPart, readonly string[]>;
  let heard: () => void;
  let ended: Promise<void>;

  beforeAll(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  beforeEach(() => {
    stop = new AbortController();
    batches = [];
    feeds = { web: [], db: [] };
    heard = () => {};
    server = lab.server;
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });

  const dispatch = (news: News) => {
    if (news.kind === 'log-lines') batches.push(news.lines);
    if (news.kind === 'log-feed') feeds[news.part] = [...feeds[news.part], news.feed.kind];
    heard();
  };
  const follow = () => {
    ended = followLog(
      { serial: 1, stack: 'trust' },
      { server: () => server, clock: lab.clock, signal: stop.signal, dispatch },
    );
  };
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      heard = () => isSo() && resolve();
      heard();
    });
  const lines = () => batches.flat();
  const texts = () => lines().map(({ text }) => text);
  const visit = async (path: string) => {
    const entry = await lab.server.entry();
    await entry.request({ host: 'trust.lab.test', path });
  };
  const visits = (path: string) => texts().filter((text) => text.includes(path)).length;

  it('begins with what both parts printed at once, also when one of them takes longer', async () => {
    const { swarm } = lab.server;
    let asked = 0;
    const serviceLog: typeof swarm.serviceLog = async function* (id, options) {
      asked += 1;
      if (asked === 2) await lab.clock.sleep(600, stop.signal);
      yield* swarm.serviceLog(id, options);
    };
    server = { swarm: { ...swarm, serviceLog } };
    follow();
    await until(() => batches.length > 0);

    const parts = new Set(batches[0]?.map(({ part }) => part));
    expect([...parts].sort()).toEqual(['db', 'web']);
    expect(texts().join('\n')).toContain('GET /login');
    expect(texts().join('\n')).not.toContain('oforest-probe');
  });

  it('goes on with what is printed, without a line twice', async () => {
    await visit('/before');
    follow();
    await until(() => feeds.web.length > 0 && batches.length > 0);
    await visit('/after');
    await until(() => visits('/after') > 0);

    expect([visits('/before'), visits('/after')]).toEqual([1, 1]);
  });

  it('tells many lines as one', async () => {
    follow();
    await until(() => feeds.web.length > 0 && batches.length > 0);
    const before = batches.length;
    for (let count = 0; count < 20; count += 1) await visit('/many');
    await until(() => visits('/many') === 20);

    expect(batches.length - before).toBeLessThan(20);
  });

  it('says when the server is away, and goes on where it was when it is back', async () => {
    await using other = await openLabOn(lab.sandbox);
    server = other.server;
    follow();
    await until(() => feeds.web.includes('following') && batches.length > 0);
    const read = lines().length;

    server = undefined;
    other.kill();
    await until(() => feeds.web.at(-1) === 'broken');
    await visit('/meanwhile');
    server = lab.server;
    await until(() => visits('/meanwhile') > 0);

    expect(visits('/meanwhile')).toBe(1);
    expect(new Set(lines().map(({ at, text }) => `${at} ${text}`)).size).toBe(lines().length);
    expect(lines().length).toBeLessThan(read + 10);
    expect(feeds.web.at(-1)).toBe('following');
  });

  it('of a study that is not there is said so, and asked for again', async () => {
    ended = followLog(
      { serial: 1, stack: 'nobody' },
      { server: () => server, clock: lab.clock, signal: stop.signal, dispatch },
    );
    await until(() => feeds.web.length > 2);

    expect(new Set(feeds.web)).toEqual(new Set(['broken']));
  });
});
