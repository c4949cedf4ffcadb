import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { openServer, type Server } from '../../src/core/open-server.ts';
import { type Activity, listActivity } from '../../src/core/operations/activity.ts';
import { findKeeper } from '../../src/core/records/keeper-record.ts';
import { findOperation } from '../../src/core/records/operation-record.ts';
import { startDockerd } from './bed/daemons.ts';
import { daemonFiles } from './bed/layout.ts';
import { pidOf } from './bed/processes.ts';
import { fewKills, type Kill, manyKills, nameOf, otherImage, wordsFor } from './support/kill-plan.ts';
import { type Lab, openLab, program } from './support/lab.ts';
import { type PlayedStudy, playedStudy } from './support/played-study.ts';
import { removeStack } from './support/remove-stack.ts';
import { pidsOfRunners } from './support/runners.ts';
import { until } from './support/until.ts';

const rounds = process.env.OFOREST_LONG === '1' ? manyKills : fewKills;
const studies = Array.from({ length: Math.max(...rounds.map((kills) => kills.length)) }, (_, index) => `kill-${index}`);
const signal = new AbortController().signal;
let lab: Lab;
let server: Server;
let played: readonly PlayedStudy[];

beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  server = await connect();
  await inTurns(studies, (stack) => removeStack(lab, stack));
  played = studies.map((stack) => playedStudy(stack, lab, server));
  await inTurns(studies, (stack) => lab.succeed(['deploy', stack, '--image', lab.bed.images['study:v1']]));
});
afterAll(async () => {
  await inTurns(studies, (stack) => removeStack(lab, stack));
  await server?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
});

const connect = () =>
  openServer(
    { name: 'lab', server: { socket: lab.bed.dockerSocket } },
    { signal, environment: { home: lab.home, userName: 'anna' } },
  );

for (const [index, kills] of rounds.entries()) {
  describe(`round ${index + 1} of ${rounds.length}, all at once`, { timeout: 600_000 }, () => {
    let results: readonly Promise<readonly string[]>[];
    beforeAll(async () => {
      const struck = await strikeAll(kills);
      const resumed = inTurns(struck, (one) => resume(one).catch((error) => [String(error)]));
      results = struck.map((_, place) => resumed.then((wrong) => wrong[place] ?? ['never looked at']));
      for (const result of results) result.catch(() => {});
    });
    it.each(kills.map((kill, place) => [nameOf(kill), place] as const))(
      '%s: ended, one live database, no data lost, nothing left over, the study answers',
      async (_, place) => {
        expect(await results[place]).toEqual([]);
      },
    );
  });
}

interface Struck {
  readonly kill: Kill;
  readonly study: PlayedStudy;
  readonly words: readonly string[];
  readonly operation: string;
}

interface Begun extends Struck {
  readonly client: ChildProcess;
}

/** Every study is played, then each operation is begun and hit; a keeper and dockerd die once for all of the round. */
async function strikeAll(kills: readonly Kill[]): Promise<readonly Struck[]> {
  const prepared = await inTurns(kills, async (kill, place) => prepare(kill, played[place]!));
  const of = (...victims: readonly string[]) => prepared.filter(({ kill }) => victims.includes(kill.victim));
  const [alone, kept, served] = [of('runner', 'Postgres'), of('keeper'), of('dockerd')];

  await Promise.all(alone.map(async (one) => strike(await begin(one))));
  if (kept.length > 0) {
    const keeper = spawn(process.execPath, [program, 'keeper'], { env: lab.environment, stdio: 'ignore' });
    await until('the keeper is at work', async () => (await findKeeper(server.swarm)) !== undefined);
    const begun = await Promise.all(kept.map(begin));
    keeper.kill('SIGKILL');
    for (const { client } of begun) client.kill('SIGKILL');
  }
  if (served.length > 0) {
    const begun = await Promise.all(served.map(begin));
    const { pidFile } = daemonFiles('dockerd');
    process.kill((await pidOf(pidFile)) ?? 0, 'SIGKILL');
    await until('dockerd is gone', async () => (await pidOf(pidFile)) === undefined);
    await startDockerd();
    const isUp = () =>
      findKeeper(server.swarm).then(
        () => true,
        () => false,
      );
    await until('the Swarm has a leader again', isUp);
    for (const { client } of begun) client.kill('SIGKILL');
  }
  // Until then, what is accepted would be left to one that is dead.
  await until('no keeper is taken to live', async () => (await findKeeper(server.swarm)) === undefined);
  return prepared.map((one) => ({ ...one, operation: operations.get(one.study.stack) ?? '' }));
}

const operations = new Map<string, string>();

/** From wherever the round before left the study: it serves, with a played session live, and what the verb needs. */
async function prepare(kill: Kill, study: PlayedStudy): Promise<Omit<Struck, 'operation'>> {
  const { stack } = study;
  const { verb } = kill;
  if (!(await study.databasesWithData()).includes('otree')) await study.play();
  const words = async () => {
    const { value } = await lab.json(['backups', stack]);
    const { backups = [] } = value as unknown as { backups?: { id: string }[] };
    return wordsFor(verb, stack, { image: await otherImage(lab, stack), newest: backups[0]?.id ?? '' });
  };
  if (verb === 'undo') await lab.succeed(['reset', stack, '--confirm', stack, '--interrupt', 'a test']);
  if (verb === 'restore') await lab.succeed(['backup', stack]);
  const typed = await words();
  if (verb === 'undelete') await lab.succeed(['delete', stack, '--confirm', stack, '--interrupt', 'a test']);
  return { kill, study, words: typed };
}

/** Types the command and comes back when its operation is at the step. */
async function begin(one: Omit<Struck, 'operation'>): Promise<Begun> {
  const { study, words, kill } = one;
  const before = new Set((await activityOf(study)).map(({ operation }) => operation));
  const client = spawn(process.execPath, [program, ...words], { env: lab.environment, stdio: 'ignore' });
  let operation: string | undefined;
  await until(`${nameOf(kill)}: accepted`, async () => {
    operation = (await activityOf(study)).find((activity) => !before.has(activity.operation))?.operation;
    return operation !== undefined;
  });
  const id = operation ?? '';
  operations.set(study.stack, id);
  await until(`${nameOf(kill)}: there`, async () => {
    const record = await findOperation(id, server);
    return (record?.events ?? []).some(
      (event) => (event.kind === 'step-started' && event.step === kill.at) || event.kind === 'operation-failed',
    );
  });
  return { ...one, operation: id, client };
}

async function strike({ kill, study, operation, client }: Begun): Promise<void> {
  if (kill.victim === 'Postgres') {
    const filter = `label=com.docker.swarm.service.name=${study.stack}_db`;
    await lab.docker(['kill', ...(await lab.docker(['ps', '-q', '--filter', filter])).trim().split('\n')]);
    return;
  }
  for (const pid of [client.pid ?? 0, ...(await pidsOfRunners(lab, operation))]) process.kill(pid, 'SIGKILL');
}

/** The same command again, once nobody is taken to be at work. Comes back with what is wrong then. */
async function resume({ kill, study, words, operation }: Struck): Promise<readonly string[]> {
  const { stack } = study;
  const isOver = ({ state }: Activity) => state !== 'running' && state !== 'accepted';
  await until(`nobody is at work on ${stack}`, async () => (await activityOf(study)).every(isOver));
  const left = (await activityOf(study)).find((activity) => activity.operation === operation)?.state;
  const again = await lab.json(words);
  const after = (await activityOf(study)).find((activity) => activity.operation === operation);
  const failure = again.exitCode === 0 ? '' : `${again.value.error.code}: ${again.value.error.why}`;
  console.log(
    `${nameOf(kill)}: left ${left}, then ${after?.state} ${after?.error?.why ?? ''}; again: ${failure || 'done'}`,
  );
  // A delete that was finished first leaves nothing to delete.
  const wrong = failure === '' || (kill.verb === 'delete' && failure.startsWith('study-retired')) ? [] : [failure];
  if (kill.verb === 'delete') {
    const back = await lab.json(['undelete', stack]);
    if (back.exitCode !== 0) wrong.push(`undelete: ${back.value.error.code}: ${back.value.error.why}`);
  }
  return [...wrong, ...(await study.whatIsWrong())];
}

const activityOf = async ({ stack }: PlayedStudy) => await listActivity(parseStackName(stack), server);

/** Four at a time: this machine has few cores. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, place: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}
