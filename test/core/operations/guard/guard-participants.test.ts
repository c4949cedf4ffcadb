import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/clock.ts';
import type { ParticipantCounts } from '../../../../src/core/database/participants.ts';
import type { RecordedRequest } from '../../../../src/core/domain/operation-request.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import {
  disturbanceOf,
  guardParticipants,
  secondLookMs,
  webState,
} from '../../../../src/core/operations/guard/guard-participants.ts';
import type { Task } from '../../../../src/core/swarm/engine-types.ts';
import type { ExecResult, SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { label } from '../../../../src/core/swarm/labels.ts';
import type { ObservedStack } from '../../../../src/core/swarm/observe-stack.ts';
import { aState, aTask, deployed, myExp, nobody } from '../../../support/builders.ts';
import { swarmShowing } from '../../../support/showing-swarm.ts';

const now = Date.parse('2027-01-01T12:00:00Z');
const secondsAgo = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const nobodyCounted: ParticipantCounts = {
  ...nobody,
  now: now / 1000,
  tables: true,
  newestMoveSeconds: null,
  longestTimeoutSeconds: null,
};
const said = (result: unknown): ExecResult => ({
  exitCode: 0,
  stdout: `oforest-result ${JSON.stringify(result)}\n`,
  stderr: '',
});
const fails: ExecResult = { exitCode: 3, stdout: '', stderr: 'ERROR:  57014\n' };

/** What the scripts answer, look by look; the last answer stays. */
interface Answers {
  participants?: readonly ExecResult[];
  'open-pages'?: readonly ExecResult[];
  'room-presence'?: readonly ExecResult[];
}

/** A running study that is looked at; `asked` has the scripts that ran and the pauses between them. */
function study(answers: Answers, more: Partial<ObservedStack> = {}) {
  const asked: string[] = [];
  const web = aTask();
  const db = aTask({ service: 'id-of-my-exp_db' });
  const observed = deployed(aState(), {}, { tasks: [web, db], ...more });
  const all: Required<Answers> = {
    participants: [said(nobodyCounted)],
    'open-pages': [said({ connections: [] })],
    'room-presence': [said({ waiting: 0 })],
    ...answers,
  };
  const swarm: SwarmGateway = {
    ...swarmShowing(observed),
    async exec(_container, words) {
      const name = (/^# oforest-script: (.*)$/m.exec(words[2] ?? '')?.[1] ?? '') as keyof Answers;
      const before = asked.filter((one) => one.startsWith(name)).length;
      asked.push([name, ...words.slice(4)].join(' '));
      return all[name][Math.min(before, all[name].length - 1)];
    },
  };
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (ms) => {
      asked.push(`pause ${ms}`);
    },
  };
  const guard = (policy: { interrupt?: string; ignoreOpenPages?: boolean; work?: RecordedRequest['work'] } = {}) =>
    guardParticipants(
      myExp,
      { verb: 'restart', work: { kind: 'restart' }, ignoreOpenPages: false, ...policy },
      { swarm, clock, signal: AbortSignal.timeout(10_000) },
    );
  return { asked, guard };
}

async function refusalOf(guarded: Promise<unknown>): Promise<ExpectedError> {
  const error = await guarded.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ExpectedError) return error;
  throw new Error(`was not refused: ${String(error)}`);
}

const connections = (...words: string[]) => said({ connections: words });

describe('a look for people', () => {
  it('asks each container once where nobody is there', async () => {
    const { asked, guard } = study({});
    expect(await guard()).toMatchObject({ sentence: 'Nobody is in a session.' });
    expect([...asked].sort()).toEqual(['open-pages 8000', 'participants otree 600']);
  });

  it('uses the idle minutes and the port that the release was given', async () => {
    const { releases } = deployed(aState({ guardIdleMinutes: 3, port: 9000 }));
    const { asked, guard } = study({}, { releases });
    await guard();
    expect([...asked].sort()).toEqual(['open-pages 9000', 'participants otree 180']);
  });

  it('refuses for people at the first look', async () => {
    const { asked, guard } = study({
      participants: [said({ ...nobodyCounted, onPage: 3 })],
      'open-pages': [connections('a', 'b', 'c')],
    });
    const error = await refusalOf(guard());
    expect(error).toMatchObject({ code: 'participants-present', why: '3 people are on a page.' });
    expect(error.details).toMatchObject({ onPage: 3 });
    expect(asked).toHaveLength(2);
  });

  it('looks again after 6 s for open pages alone, and lets go where Traefik had only kept a connection', async () => {
    const { asked, guard } = study({ 'open-pages': [connections('a', 'b'), connections('c')] });
    await expect(guard()).resolves.toMatchObject({ counts: { openPages: 0 } });
    expect(asked).toContain(`pause ${secondLookMs}`);
    expect(secondLookMs).toBeGreaterThan(5000);
  });

  it('refuses for the pages that were open in both looks', async () => {
    const { guard } = study({ 'open-pages': [connections('a', 'b'), connections('b', 'c')] });
    const error = await refusalOf(guard());
    expect(error).toMatchObject({ code: 'open-pages-present', details: { openPages: 1 } });
    expect(error.hint).toContain('--ignore-open-pages');
  });

  it('sees who came in between the looks', async () => {
    const { guard } = study({
      participants: [said(nobodyCounted), said({ ...nobodyCounted, onPage: 1 })],
      'open-pages': [connections('a'), connections('b')],
    });
    expect(await refusalOf(guard())).toMatchObject({ code: 'participants-present' });
  });

  it('refuses for people in a room at once, also where open pages are not to count', async () => {
    const { asked, guard } = study({ 'open-pages': [connections('a')], 'room-presence': [said({ waiting: 1 })] });
    const error = await refusalOf(guard({ ignoreOpenPages: true }));
    expect(error).toMatchObject({ code: 'participants-present', why: '1 person is waiting in a room.' });
    expect(asked).not.toContain(`pause ${secondLookMs}`);
  });

  it('still refuses for open pages where oTree does not say who waits in a room', async () => {
    const { guard } = study({ 'open-pages': [connections('a')], 'room-presence': [fails] });
    const error = await refusalOf(guard());
    expect(error).toMatchObject({ code: 'open-pages-present' });
    expect(error.why).toContain('somebody waiting in a room');
  });

  it('refuses where a script fails, with the code of the error and nothing of its text', async () => {
    const { guard } = study({ participants: [fails] });
    expect(await refusalOf(guard())).toMatchObject({
      code: 'participants-unreadable',
      why: 'Whether people are in a session cannot be read: The script in the container failed: ERROR:  57014',
    });
  });

  it('refuses where an answer cannot be understood', async () => {
    const { guard } = study({ participants: [said({ onPage: 0 })] });
    expect(await refusalOf(guard())).toMatchObject({ code: 'participants-unreadable' });
  });

  it('disturbs people only for a reason, and hands the reason on', async () => {
    const { guard } = study({ participants: [said({ ...nobodyCounted, onPage: 2 })] });
    await expect(guard({ interrupt: 'the fire alarm rings' })).resolves.toEqual({
      counts: { onPage: 2, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 },
      sentence: '2 people are on a page.',
      interrupted: 'the fire alarm rings',
    });
  });

  it('has no interruption to record where nobody was there', async () => {
    const { guard } = study({});
    expect(await guard({ interrupt: 'the fire alarm rings' })).not.toHaveProperty('interrupted');
  });

  it('lets the fix of an oTree that keeps crashing through, and nothing that erases', async () => {
    const crashed = [5, 15].map((seconds, index) => endedTask({ seconds, id: `crashed${index}` }));
    const answers = { participants: [said({ ...nobodyCounted, onPage: 2 })] };
    const more = { tasks: [...crashed, aTask({ service: 'id-of-my-exp_db' })] };
    await expect(study(answers, more).guard({ work: { kind: 'restart' } })).resolves.toMatchObject({
      sentence: 'oTree keeps failing; 2 people were in a session before.',
    });
    for (const work of [{ kind: 'reset' }, { kind: 'newer', asked: 'shuffle' }] as const)
      expect(await refusalOf(study(answers, more).guard({ work }))).toMatchObject({ code: 'participants-present' });
  });
});

type Kind = RecordedRequest['work']['kind'];

describe('what work does to people', () => {
  const kinds: Record<Kind, ReturnType<typeof disturbanceOf>> = {
    'run-release': 'interrupt',
    start: 'interrupt',
    stop: 'interrupt',
    restart: 'interrupt',
    backup: 'interrupt',
    drill: 'interrupt',
    undelete: 'interrupt',
    reset: 'erase',
    undo: 'erase',
    restore: 'erase',
    delete: 'erase',
    purge: 'erase',
    'drop-data': 'erase',
    newer: 'erase',
  };
  it.each(Object.entries(kinds) as [Kind, string][])('is, of %s, to %s', (kind, disturbance) => {
    expect(disturbanceOf(kind)).toBe(disturbance);
  });

  it('is the worst where nobody decided it', () => {
    expect(disturbanceOf('wipe' as Kind)).toBe('erase');
  });
});

/** A task of the settings that web wants, which ended some seconds ago. */
function endedTask({ seconds, id = 'ended', hash = wantedHash, state = 'failed' }: Ended): Task {
  const task = aTask({ state, desired: 'shutdown' });
  return {
    ...task,
    ID: id,
    Spec: { ContainerSpec: { Image: '', Labels: { [label.task]: hash } } },
    Status: { ...task.Status, Timestamp: secondsAgo(seconds) },
  };
}
interface Ended {
  seconds: number;
  id?: string;
  hash?: string;
  state?: string;
}
const { web: service } = deployed();
const wantedHash = service?.Spec.TaskTemplate.ContainerSpec?.Labels?.[label.task] ?? 'none';

function runningSince(seconds: number): Task {
  const task = aTask();
  return { ...task, Status: { ...task.Status, Timestamp: secondsAgo(seconds) } };
}

describe('the state of oTree, from what became of its tasks', () => {
  const stateOf = (...tasks: Task[]) => webState({ web: service, tasks }, now);

  it('is running while a task runs, one crash before it or not', () => {
    expect(stateOf(runningSince(3000))).toBe('running');
    expect(stateOf(runningSince(3), endedTask({ seconds: 8 }))).toBe('running');
  });

  it('is restarting for a minute after a crash, and failing when nothing came back', () => {
    expect(stateOf(endedTask({ seconds: 3 }))).toBe('restarting');
    expect(stateOf(endedTask({ seconds: 61, state: 'complete' }))).toBe('failing');
  });

  it('is failing after two crashes, even while it happens to be up', () => {
    const crashes = [endedTask({ seconds: 9 }), endedTask({ seconds: 20 })];
    expect(stateOf(...crashes)).toBe('failing');
    expect(stateOf(runningSince(4), ...crashes)).toBe('failing');
  });

  it('is running again once it has held for a minute', () => {
    expect(stateOf(runningSince(61), endedTask({ seconds: 65 }), endedTask({ seconds: 80 }))).toBe('running');
  });

  it('does not hold crashes of an image that was rolled back against the one that serves', () => {
    const others = [9, 20].map((seconds) => endedTask({ seconds, hash: 'of another release' }));
    expect(stateOf(runningSince(4), ...others)).toBe('running');
  });

  it('forgets crashes after ten minutes', () => {
    expect(stateOf(runningSince(4), endedTask({ seconds: 601 }), endedTask({ seconds: 700 }))).toBe('running');
  });

  it('is stopped at zero replicas, and absent before the first deployment', () => {
    expect(webState({ web: deployed(aState(), { replicas: 0 }).web, tasks: [] }, now)).toBe('stopped');
    expect(webState({ web: undefined, tasks: [] }, now)).toBe('absent');
  });
});
