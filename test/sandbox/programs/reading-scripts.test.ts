import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PagesFacts, ProgressFacts, RowFacts, SchemaFacts } from '../../../src/core/database/fit-facts.ts';
import { OpenPages, ParticipantCounts, RoomPresence } from '../../../src/core/database/participants.ts';
import { archivesScript } from '../../../src/core/database/scripts/archives-script.ts';
import {
  pagesScript,
  progressScript,
  rowsScript,
  schemaScript,
} from '../../../src/core/database/scripts/fit-scripts.ts';
import {
  openPagesScript,
  participantsScript,
  roomPresenceScript,
} from '../../../src/core/database/scripts/participants-script.ts';
import type { Study } from '../../../src/sandbox/programs/otree-study.ts';
import type { StartedContainer } from './a-container.ts';
import { type AStack, aBrowser, aStack, secrets, trust } from './a-study.ts';

const waiting: Study = {
  ...trust,
  apps: [
    {
      name: 'trust',
      pages: [
        { name: 'Begin', title: 'Begin', text: '' },
        { name: 'Together', title: 'Together', text: '', waits: true },
        ...trust.apps[0]!.pages.slice(1),
      ],
    },
  ],
};

/** A study that listens with a session of three. */
async function played(study: Study = waiting) {
  const stack = aStack();
  const database = stack.startDatabase();
  stack.timeline.advance(1_000);
  const web = stack.start(study);
  stack.timeline.advance(2_000);
  const headers = { 'otree-rest-key': secrets.OTREE_REST_KEY };
  const json = { session_config_name: 'trust', num_participants: 3 };
  const { body } = await aBrowser(web).open('/api/sessions', { json, headers });
  const link = new URL(JSON.parse(body).session_wide_url).pathname;
  return { ...stack, database, web, link };
}

/** A participant who is on the first page. */
async function join(web: StartedContainer, link: string) {
  const browser = aBrowser(web);
  return { browser, page: await browser.follow(link) };
}

async function resultOf(container: StartedContainer, words: readonly string[]): Promise<unknown> {
  const outcome = await container.running.exec?.(words);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(/^oforest-result (.*)$/m.exec(outcome?.stdout ?? '')?.[1] ?? 'null');
}

const counts = async (lab: { database: StartedContainer }, idleSeconds = 600) =>
  ParticipantCounts.parse(await resultOf(lab.database, participantsScript('otree', idleSeconds)));

describe('participants', () => {
  it('says that there are no tables yet', async () => {
    const stack: AStack = aStack();
    const database = stack.startDatabase();
    stack.timeline.advance(1_000);
    expect(await counts({ database })).toMatchObject({ tables: false, onPage: 0, newestMoveSeconds: null });
  });

  it('counts who is on a page, who waits, and who fell silent', async () => {
    const lab = await played();
    const { browser, page } = await join(lab.web, lab.link);
    await join(lab.web, lab.link);
    await browser.open(page, { form: {} });
    await browser.follow(page);
    expect(await counts(lab)).toMatchObject({ tables: true, onPage: 1, waiting: 1, silent: 0, newestMoveSeconds: 0 });
    lab.timeline.advance(700_000);
    expect(await counts(lab)).toMatchObject({ onPage: 0, waiting: 0, silent: 2 });
    expect(await counts(lab, 3_600)).toMatchObject({ onPage: 1, waiting: 1, newestMoveSeconds: 700 });
  });

  it('counts a page whose time runs, and the last page apart', async () => {
    const lab = await played(trust);
    const { browser, page } = await join(lab.web, lab.link);
    await browser.open(page, { form: {} });
    const next = await browser.follow(page);
    expect(await counts(lab)).toMatchObject({ onPage: 1, longestTimeoutSeconds: 68 });
    await browser.open(next, { form: { sent: '3' } });
    await browser.follow(next);
    expect(await counts(lab)).toMatchObject({ onPage: 0, lastPage: 1, longestTimeoutSeconds: null });
  });

  it('fails where there is no such database, or the server stops', async () => {
    const lab = await played();
    const words = participantsScript('nowhere', 60);
    expect(await lab.database.running.exec?.(words)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('FATAL:  database "nowhere" does not exist'),
    });
    lab.database.running.terminate?.();
    expect(await lab.database.running.exec?.(participantsScript('otree', 60))).toMatchObject({ exitCode: 2 });
  });
});

describe('the fit check', () => {
  it('reads tables and columns, and what is in them', async () => {
    const lab = await played();
    const { tables } = SchemaFacts.parse(await resultOf(lab.database, schemaScript('otree')));
    const player = tables.find(({ name }) => name === 'trust_player');
    expect(player?.columns.slice(0, 2)).toEqual([
      { name: 'id', type: 'integer', notNull: true, hasDefault: true },
      { name: 'session_id', type: 'integer', references: true },
    ]);
    const wanted = rowsScript('otree', [{ table: 'trust_player', columns: ['sent', 'id_in_group'] }]);
    expect(RowFacts.parse(await resultOf(lab.database, wanted))).toEqual({
      trust_player: { rows: 3, filled: { sent: 0, id_in_group: 3 } },
    });
  });

  it('reads where people are, and the pages of the image with what its sessions were made with', async () => {
    const lab = await played();
    await join(lab.web, lab.link);
    const progress = await resultOf(lab.database, progressScript('otree'));
    expect(ProgressFacts.parse(progress)).toBeDefined();
    expect(progress).toEqual({
      sessions: [
        {
          id: 1,
          total: 4,
          rounds: { trust: 1 },
          places: [
            { index: 0, people: 2 },
            { index: 1, app: 'trust', page: 'Begin', round: 1, people: 1 },
          ],
        },
      ],
    });
    expect(PagesFacts.parse(await resultOf(lab.web, pagesScript('otree')))).toEqual({
      otree: '6.0.15',
      configs: { trust: ['trust'] },
      apps: { trust: { rounds: 1, pages: ['Begin', 'Together', 'Send', 'Results'] } },
      sessions: { 1: { config: 'trust', apps: ['trust'] } },
    });
    expect(await resultOf(lab.web, pagesScript())).toMatchObject({ sessions: {} });
  });
});

it('lists no archives before there are any', async () => {
  expect(await resultOf((await played()).database, archivesScript)).toEqual([]);
});

describe('open pages', () => {
  const openPages = async (web: StartedContainer) =>
    OpenPages.parse(await resultOf(web, openPagesScript(8000))).connections;

  it('are the websockets of tabs, until those are closed', async () => {
    const { web } = await played();
    expect(await openPages(web)).toEqual([]);
    const tab = await websocket(web, '/auto_advance?session_pk=1');
    expect(tab.status).toContain('101');
    const other = await websocket(web, '/live');
    expect(new Set(await openPages(web)).size).toBe(2);
    tab.stream.end();
    other.stream.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    await expect.poll(() => openPages(web)).toEqual([]);
  });

  it('are closed at once for a monitor without a login, and refused where there is none', async () => {
    const { web } = await played();
    const monitor = await websocket(web, '/session_monitor/abc');
    expect(monitor.status).toContain('101');
    await expect.poll(() => openPages(web)).toEqual([]);
    expect((await websocket(web, '/none')).status).toContain('403');
  });

  it('of a room that waits are counted as people in it', async () => {
    const { web } = await played();
    await websocket(web, '/wait_for_session_in_room/?room_name=lab');
    expect(RoomPresence.parse(await resultOf(web, roomPresenceScript()))).toEqual({ waiting: 1 });
  });
});

/** Asks for a websocket; the first line of the answer, and the stream. */
async function websocket(web: StartedContainer, path: string): Promise<{ status: string; stream: Duplex }> {
  const stream = web.dial(8000)!;
  const lines = ['Host: study', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZQ=='];
  stream.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [chunk] = await new Promise<Buffer[]>((resolve) => stream.once('data', (data: Buffer) => resolve([data])));
  return { status: chunk?.toString().split('\r\n')[0] ?? '', stream: stream.resume() };
}
