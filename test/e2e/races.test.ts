import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, randomText, systemClock } from '../../src/core/clock.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { openServer, type Server } from '../../src/core/open-server.ts';
import { listActivity } from '../../src/core/operations/activity.ts';
import { reviewBackup } from '../../src/core/operations/review/review-data.ts';
import { runOperation } from '../../src/core/operations/run-operation.ts';
import { resumeOperation, startOperation } from '../../src/core/operations/start-operation.ts';
import { heartbeatMs, holderOf, isStale } from '../../src/core/records/lock.ts';
import { findOperation } from '../../src/core/records/operation-record.ts';
import { label } from '../../src/core/swarm/labels.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { type Lab, openLab } from './support/lab.ts';
import { type Racer, startRacer } from './support/racers.ts';
import { removeStack } from './support/remove-stack.ts';
import { pidsOfRunners } from './support/runners.ts';
import { until } from './support/until.ts';

const signal = new AbortController().signal;
const study = 'kill-race';
const racing = Array.from({ length: 10 }, (_, index) => `${study}-${index}`);
const paused = `${study}-paused`;
let lab: Lab;
let server: Server;
let racers: readonly Racer[];

beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  server = await openServer(
    { name: 'lab', server: { socket: lab.bed.dockerSocket } },
    { signal, environment: { home: lab.home, userName: 'anna' } },
  );
  racers = [startRacer(), startRacer(), startRacer()];
  await removeAll();
  await lab.succeed(['deploy', study, '--image', lab.bed.images['study:v1']]);
});
afterAll(async () => {
  for (const racer of racers ?? []) await racer[Symbol.asyncDispose]();
  await removeAll();
  await server?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
});
const removeAll = async () => {
  for (const stack of [...racing, paused, study]) await removeStack(lab, stack);
};

const lockOf = async (stack: string) => {
  const { lock } = await observeStack(parseStackName(stack), server);
  return lock && { ...holderOf(lock), isStale: await isStale(lock, server) };
};

describe('two or three processes at one lock', () => {
  it('have exactly one winner in each of 300 races, and the others are told who it is', {
    timeout: 60_000,
  }, async () => {
    const wins = new Map<number, number>();
    const slips: string[] = [];
    for (let race = 0; race < 300; race += 1) {
      // Every thirtieth is for a lock that nobody ever held.
      const stack = racing[Math.floor(race / 30)] ?? '';
      const field = [...racers.slice(race % 3), ...racers.slice(0, race % 3)].slice(0, 2 + (race % 2));
      const entered = await Promise.all(
        field.map(async (racer, lane) => {
          const operation = `race${String(race).padStart(4, '0')}r${lane}`;
          return { racer, operation, answer: await racer.ask({ do: 'acquire', stack, operation }) };
        }),
      );
      const [winner, ...more] = entered.filter(({ answer }) => 'epoch' in answer);
      if (!winner || more.length > 0) slips.push(`race ${race}: ${JSON.stringify(entered)}`);
      if (!winner) continue;
      const { racer, operation, answer } = winner;
      expect(answer).toEqual({ epoch: (race % 30) + 1 });
      for (const { answer } of entered.filter((one) => one !== winner))
        expect(answer).toMatchObject({ code: 'operation-running', holder: operation });
      wins.set(racer.pid, (wins.get(racer.pid) ?? 0) + 1);
      await racer.ask({ do: 'end' });
    }
    console.log(`wins of each process: ${[...wins.values()].join(' ')}`);
    expect(slips).toEqual([]);
    expect(wins.size).toBe(3);
    for (const stack of racing) expect((await lockOf(stack))?.operation).toBeUndefined();
  });

  it('run an operation that all of them were given once', async () => {
    const stack = racing[0] ?? '';
    for (let race = 0; race < 20; race += 1) {
      const operation = `claim${String(race).padStart(5, '0')}`;
      await racers[0]?.ask({ do: 'acquire', stack, operation });
      const answers = await Promise.all(racers.map((racer) => racer.ask({ do: 'claim', stack, operation })));
      expect(answers.filter((answer) => 'epoch' in answer)).toHaveLength(1);
      await racers[answers.findIndex((answer) => 'epoch' in answer)]?.ask({ do: 'end' });
    }
  });
});

describe.concurrent('a holder that was stopped for longer than a minute', { timeout: 240_000 }, () => {
  it('can neither beat nor go on when it wakes, and does not free the lock of who came after it', async () => {
    await using holder = startRacer();
    await using next = startRacer();
    const [stack, operation] = [parseStackName(paused), 'paused0001'];
    expect(await holder.ask({ do: 'acquire', stack, operation })).toEqual({ epoch: 1 });
    holder.pause();
    await expect(resumeOperation({ stack, operation }, server)).rejects.toMatchObject({ code: 'operation-running' });
    const beat = holder.ask({ do: 'beat' });
    await until('its lock is stale', async () => (await lockOf(stack))?.isStale ?? false);
    expect(await resumeOperation({ stack, operation }, server)).toBe(true);
    expect(await next.ask({ do: 'claim', stack, operation })).toEqual({ epoch: 2 });

    holder.wake();
    expect(await beat).toMatchObject({ code: 'operation-running', why: expect.stringContaining('taken away') });
    expect(await holder.ask({ do: 'confirm' })).toMatchObject({ code: 'operation-running' });
    await holder.ask({ do: 'release' });
    expect(await lockOf(stack)).toMatchObject({ operation, epoch: 2 });
    expect(await next.ask({ do: 'confirm' })).toEqual({});
    await next.ask({ do: 'end' });
  });

  it('has its operation finished by another, which it leaves alone when it wakes', async () => {
    const stack = parseStackName(study);
    const { value } = await lab.json(['backup', study, '--detach']);
    const { operation } = value as unknown as { operation: string };
    await until('its first job is there', async () => (await observeStack(stack, server)).job !== undefined);
    const [runner = 0] = await pidsOfRunners(lab, operation);
    process.kill(runner, 'SIGSTOP');
    const before = (await observeStack(stack, server)).web;
    await until('its lock is stale', async () => (await lockOf(stack))?.isStale ?? false);

    const again = lab.json(['backup', study]);
    await until('somebody else has taken it over', async () => (await lockOf(stack))?.epoch !== 1);
    await until(
      'the services are fenced',
      async () =>
        (await observeStack(stack, server)).web?.Version !== before?.Version &&
        (await observeStack(stack, server)).web?.Spec.Labels[label.epoch] === '3',
    );
    process.kill(runner, 'SIGCONT');
    await expect(server.swarm.updateService(before!, before!.Spec)).rejects.toMatchObject({ code: 'version-conflict' });
    await until('it has ended', async () => !(await pidsOfRunners(lab)).includes(runner));
    expect((await lockOf(stack))?.operation).toBeDefined();
    expect(await again).toMatchObject({ exitCode: 0, value: { outcome: 'succeeded' } });

    const activity = await listActivity(stack, server);
    expect(activity.slice(0, 2).map(({ verb, state }) => `${verb} ${state}`)).toEqual([
      'backup succeeded',
      'backup succeeded',
    ]);
    expect(activity[1]?.operation).toBe(operation);
    expect((await lockOf(stack))?.operation).toBeUndefined();
  });
});

describe('a runner that lost its lock between two beats', () => {
  it('does not write into the record how the operation ended: it goes on elsewhere', async () => {
    const stack = parseStackName(study);
    const subject = { experiment: stack, environment: 'production' } as unknown as Parameters<typeof reviewBackup>[0];
    const needs = { swarm: server.swarm, random: randomText };
    const review = await reviewBackup(subject, needs);
    const id = await startOperation(review, { actor: { via: 'socket' } }, { ...needs, clock: systemClock });
    const clock: Clock = {
      now: systemClock.now,
      sleep: (ms, signal) => systemClock.sleep(ms === heartbeatMs ? 60_000 : ms, signal),
    };
    const entry = await server.entry();
    const run = runOperation(id, { ...server, ...needs, entry, clock, signal, runner: 'first' });
    await until('its first job is there', async () => (await observeStack(stack, server)).job !== undefined);
    const { lock } = await observeStack(stack, server);
    await server.swarm.relabelConfig(lock!, { ...lock!.Spec.Labels, [label.epoch]: '99', [label.runner]: '' });
    await run;

    expect(await findOperation(id, server)).toMatchObject({ state: 'running' });
    expect(await lockOf(stack)).toMatchObject({ operation: id, epoch: 99 });
    await runOperation(id, { ...server, ...needs, entry, clock: systemClock, signal, runner: 'second' });
    expect(await findOperation(id, server)).toMatchObject({ state: 'succeeded' });
  });
});

describe('two people at two computers', () => {
  it('work one after the other: the second is told who, what and since when, or waits for his turn', async () => {
    const first = lab.json(['restart', study]);
    await until('it is accepted', async () => (await lockOf(study))?.operation !== undefined);
    const { operation, since } = (await lockOf(study))!;
    const waits = lab.json(['variable', 'set', study, 'TREATMENT=b', '--wait']);
    const refused = await lab.json(['stop', study]);
    expect(refused).toMatchObject({ exitCode: 5, value: { error: { code: 'operation-running' } } });
    expect(refused.value.error.why).toMatch(
      new RegExp(`^\\S+@\\S+ \\(SSH, not verified\\) is running \`restart\` since ${since}\\.$`),
    );
    expect(refused.value.error.details).toMatchObject({ operation, verb: 'restart', since });

    expect(await first).toMatchObject({ exitCode: 0, value: { outcome: 'succeeded' } });
    expect(await waits).toMatchObject({ exitCode: 0, value: { outcome: 'succeeded', release: 2 } });
    const done = (await listActivity(parseStackName(study), server)).map(({ verb, state }) => `${verb} ${state}`);
    expect(done.slice(0, 2)).toEqual(['variable succeeded', 'restart succeeded']);
  });
});
