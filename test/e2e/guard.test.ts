import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { OpenPages } from '../../src/core/database/participants.ts';
import { openPagesScript } from '../../src/core/database/scripts/participants-script.ts';
import type { RecordedRequest } from '../../src/core/domain/operation-request.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../src/core/errors.ts';
import { openServer, type Server } from '../../src/core/open-server.ts';
import { glanceAtPeople, guardParticipants } from '../../src/core/operations/guard/guard-participants.ts';
import { parseResult } from '../../src/core/swarm/in-container.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { containerOf, type Lab, openLab, watchFromOutside } from './support/lab.ts';
import { openPlayers, type Players, type Tab } from './support/players.ts';
import { removeStack } from './support/remove-stack.ts';
import { until } from './support/until.ts';

const stack = parseStackName('guarded');
const older = parseStackName('guarded-five');
const signal = new AbortController().signal;
const survey = { age: '33', field_of_study: 'law' };
let lab: Lab;
let server: Server;
let players: Players;

beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  await lab.succeed(['deploy', stack, '--image', lab.bed.images['live-page']]);
  server = await openServer(
    { name: 'lab', server: lab.bed.ssh },
    { signal, environment: { home: lab.home, userName: lab.bed.ssh.user } },
  );
  players = await openPlayers(lab, stack);
});
beforeEach(() => sql('TRUNCATE otree_session, otree_taskqueuemessage CASCADE'));
afterEach(() => players.closeAll());
afterAll(async () => {
  await players?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  for (const name of [stack, older]) await removeStack(lab, name);
  await lab?.[Symbol.asyncDispose]();
});

interface Outcome {
  code: string;
  sentence: string;
  counts: Record<string, unknown>;
}

/** What the guard says before this work, over SSH. */
async function guard(
  policy: { work?: RecordedRequest['work']; ignoreOpenPages?: boolean; interrupt?: string } = {},
  name = stack,
): Promise<Outcome> {
  const needs = { swarm: server.swarm, clock: systemClock, signal };
  try {
    const work = { kind: 'restart' } as const;
    const asked = { verb: 'restart', work, ignoreOpenPages: false, ...policy };
    const { sentence, counts } = await guardParticipants(name, asked, needs);
    return { code: 'clear', sentence, counts };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { code: error.code, sentence: error.why ?? '', counts: error.details };
  }
}

async function sql(statement: string, name = stack): Promise<string> {
  const container = await containerOf(lab, `${name}_db`);
  return await lab.docker(['exec', container, 'psql', '-XAtq', '-U', 'study', '-d', 'otree', '-c', statement]);
}

/** As if everybody had been silent for so long. Page time-outs stay. */
async function letPass(hours: number, name = stack): Promise<void> {
  await sql(
    `UPDATE otree_participant SET _last_request_timestamp = _last_request_timestamp - ${hours * 3600},
                                  _last_page_timestamp = _last_page_timestamp - ${hours * 3600}`,
    name,
  );
}

const connectionsIn = (output = '') => parseResult(OpenPages, output).connections;

/** Opens a connection as Traefik does before it knows whether it needs it; looks before and after a first line. */
const lookTwice = `
import socket, subprocess, sys, time
spare = socket.create_connection((socket.gethostbyname(socket.gethostname()), 8000))
subprocess.run(sys.argv[1:], check=True)
spare.sendall(b"GET /login HTTP/1.1\\r\\n")
time.sleep(0.2)
subprocess.run(sys.argv[1:], check=True)
`;

const closeTabs = (tabs: readonly Tab[]) => tabs.map((tab) => tab.close());

describe('people in a session', () => {
  it('says 3 with three active, two finished, one bot and one demo participant, all with their pages open', async () => {
    const { links } = await players.createSession('guess', 3);
    const active = await Promise.all(links.map((link) => players.open(link)));
    const others = await players.createSession('survey', 2);
    for (const link of others.links) {
      const questions = await players.open(link);
      const thanks = await questions.answer(survey);
      await thanks.answer();
    }
    await players.openBot('survey');
    await players.open((await players.createSession('survey', 1, { isDemo: true })).links[0]!);
    expect(active.map(({ page }) => page)).toEqual(['Guess', 'Guess', 'Guess']);

    expect(await guard()).toMatchObject({
      code: 'participants-present',
      sentence: '3 people are on a page.',
      counts: { onPage: 3, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 },
    });
    const typed = await lab.json(['restart', stack, '--yes']);
    expect(typed).toMatchObject({
      exitCode: 5,
      value: { error: { code: 'participants-present', why: '3 people are on a page.', now: 'Nothing was changed.' } },
    });
    const waiting = await active[0]!.answer({ number: '40' });
    expect(waiting.page).toBe('AllHaveGuessed');
    expect((await guard()).sentence).toBe('2 people are on a page, 1 is waiting for others.');
  });

  it('still counts somebody on a live page who never posts, by the page that is open', async () => {
    const { links } = await players.createSession('talk', 2);
    const talker = await players.open(links[0]!);
    const gone = await players.open(links[1]!);
    gone.close();
    const left = await players.createSession('survey', 3);
    for (const link of left.links) closeTabs([await (await players.open(link)).answer(survey)]);
    await letPass(1);
    talker.say('I am here');
    await until('the word arrives', async () => (await sql('SELECT max(words) FROM talk_player')).trim() === '1');

    const refused = await guard();
    expect(refused.code).toBe('open-pages-present');
    expect(refused.sentence).toContain('somebody who reads or talks in silence (2 people could be)');
    talker.close();
    expect(await guard()).toMatchObject({ code: 'clear', counts: { openPages: 0 } });
  });

  it('counts somebody whose browser is closed while the time limit of their page runs', async () => {
    const { links } = await players.createSession('talk', 1);
    const decide = await (await players.open(links[0]!)).answer();
    expect(decide.page).toBe('Decide');
    decide.close();
    await letPass(5);
    expect(await guard()).toMatchObject({ code: 'participants-present', sentence: '1 person is on a page.' });
    await sql('DELETE FROM otree_taskqueuemessage');
    expect((await guard()).code).toBe('clear');
  });

  it('counts somebody who has waited for others for an hour', async () => {
    const { links } = await players.createSession('guess', 3);
    const waiting = await (await players.open(links[0]!)).answer({ number: '40' });
    expect(waiting.page).toBe('AllHaveGuessed');
    await letPass(1);
    expect(await guard({ ignoreOpenPages: true })).toMatchObject({
      code: 'participants-present',
      sentence: '1 person is waiting for others.',
    });
  });

  it('is not held up by thirty people on the last page, at once or hours later', async () => {
    const { links } = await players.createSession('survey', 30);
    const tabs = await Promise.all(links.map(async (link) => await (await players.open(link)).answer(survey)));
    expect(tabs.map(({ page }) => page)).toEqual(Array(30).fill('Thanks'));
    expect(tabs.every(({ sockets }) => sockets.length === 1)).toBe(true);
    const clear = { code: 'clear', sentence: '30 people are on the last page.', counts: { lastPage: 30 } };
    expect(await guard()).toMatchObject(clear);
    await letPass(3);
    expect(await guard()).toMatchObject(clear);
  });

  it('lets people who left without finishing be once they have been silent for ten minutes', async () => {
    const { links } = await players.createSession('survey', 1);
    closeTabs([await players.open(links[0]!)]);
    expect((await guard()).code).toBe('participants-present');
    await letPass(1);
    expect((await guard()).code).toBe('clear');
  });

  it('honours the status that the study itself gives a participant', async () => {
    const { links } = await players.createSession('survey', 1);
    await players.open(links[0]!);
    await sql(`UPDATE otree_participant SET status = 'screened out'`);
    expect((await guard()).code).toBe('clear');
  });

  it('counts people who wait in a room for its session, as oTree itself does', async () => {
    const path = '/room/lab?welcome_page_ok=1';
    await Promise.all([players.open(path), players.open(path)]);
    const refused = { code: 'participants-present', sentence: '2 people are waiting in a room.' };
    expect(await guard()).toMatchObject(refused);
    expect(await guard({ ignoreOpenPages: true })).toMatchObject(refused);
  });
});

describe('pages of others', () => {
  it("tells the researcher's own monitor apart, and lets it be when told to", async () => {
    const { code } = await players.createSession('survey', 1);
    const monitor = await players.openAsAdmin(`/SessionMonitor/${code}`);
    expect(monitor.sockets).toHaveLength(1);
    expect(await guard()).toMatchObject({
      code: 'open-pages-present',
      sentence: '1 page is open more than the database explains: maybe your own monitor.',
    });
    expect((await guard({ ignoreOpenPages: true })).code).toBe('clear');
  });

  it('takes nobody for a page who asks for one again and again, such as a monitor of addresses', async () => {
    const outside = watchFromOutside(lab, `${stack}.${lab.bed.domain}`);
    const seen = [await guard(), await guard(), await guard()];
    expect((await outside.stop()).filter(({ status }) => status === 200).length).toBeGreaterThan(3);
    for (const one of seen) expect(one).toMatchObject({ code: 'clear', counts: { openPages: 0 } });
  });

  it('discounts connections that nothing ever came over, however long they are there', async () => {
    const container = await containerOf(lab, `${stack}_web`);
    const [unused, used] = (
      await lab.docker(['exec', container, 'python3', '-c', lookTwice, ...openPagesScript(8000)])
    ).split('\n');
    expect(connectionsIn(unused)).toEqual([]);
    expect(connectionsIn(used)).toHaveLength(1);
  });
});

it('reads the columns of oTree 5.11', async () => {
  await lab.succeed(['deploy', older, '--image', lab.bed.images['study:otree-5']]);
  await using people = await openPlayers(lab, older);
  await sql('TRUNCATE otree_session CASCADE', older);
  const { links } = await people.createSession('survey', 3);
  const tabs = await Promise.all(links.map((link) => people.open(link)));
  await tabs[2]!.answer(survey);
  expect(await guard({}, older)).toMatchObject({
    code: 'participants-present',
    sentence: '2 people are on a page. 1 person is on the last page.',
  });
  await people.open('/room/lab?welcome_page_ok=1');
  await sql('TRUNCATE otree_session CASCADE', older);
  closeTabs(tabs);
  people.closeAll();
  await Promise.all([people.open('/room/lab'), people.open('/room/lab')]);
  expect((await guard({}, older)).sentence).toBe('2 people are waiting in a room.');
});

it('counts the same in twenty looks of a list, and prints what one costs', async () => {
  const observed = await observeStack(stack, server);
  const { links } = await players.createSession('survey', 30);
  for (const link of links) await players.open(link);
  const seen: number[] = [];
  const costs: string[] = [];
  for (const atOnce of [1, 2, 4, 8]) {
    const startedAt = performance.now();
    let begun = 0;
    const worker = async () => {
      while (begun++ < 20)
        seen.push((await glanceAtPeople(observed, { swarm: server.swarm, clock: systemClock })).counts.onPage);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    costs.push(`${((performance.now() - startedAt) / 20).toFixed(0)} with ${atOnce} at once`);
  }
  expect(seen).toEqual(Array(80).fill(30));
  console.log(`guard check over SSH, ms per experiment of twenty: ${costs.join(', ')}`);
});

describe('a study that is down', () => {
  it('refuses while the database is down under oTree, and not when both are', async () => {
    await lab.docker(['service', 'scale', '--detach=false', `${stack}_db=0`]);
    expect(await guard()).toMatchObject({ code: 'participants-unreadable' });
    expect((await guard({ interrupt: 'its database is gone' })).code).toBe('clear');
    await lab.docker(['service', 'scale', '--detach=false', `${stack}_web=0`]);
    expect(await guard({ work: { kind: 'delete', until: '' } })).toMatchObject({
      code: 'clear',
      sentence: 'Neither oTree nor its database runs, so nobody is in a session.',
    });
    await lab.docker(['service', 'scale', '--detach=false', `${stack}_db=1`]);
    await lab.docker(['service', 'scale', '--detach=false', `${stack}_web=1`]);
    const answers = async () => (await lab.get(`${stack}.${lab.bed.domain}`, '/login')).status === 200;
    await until('it is back', answers);
  });

  it('does not stand in the way of the fix for an oTree that keeps crashing', async () => {
    const { links } = await players.createSession('survey', 3);
    await Promise.all(links.map((link) => players.open(link)));
    expect((await guard({ work: { kind: 'restart' } })).code).toBe('participants-present');
    const crash = ['--update-failure-action', 'continue', '--image', lab.bed.images['crash-late'], `${stack}_web`];
    await lab.docker(['service', 'update', '--detach', ...crash]);
    await until(
      'the guard sees that it fails',
      async () => (await guard({ work: { kind: 'restart' } })).code === 'clear',
    );
    expect((await guard({ work: { kind: 'restart' } })).sentence).toBe(
      'oTree keeps failing; 3 people were in a session before.',
    );
    expect((await guard({ work: { kind: 'reset' } })).code).toBe('participants-present');
    await lab.succeed(['deploy', stack, '--image', lab.bed.images['live-page']]);
  });
});
