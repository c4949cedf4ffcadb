import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/sandbox/database/table.ts';
import type { Study } from '../../../src/sandbox/programs/otree-study.ts';
import { aBrowser, aStack, ask, secrets, trust } from './a-study.ts';

const headers = { 'otree-rest-key': secrets.OTREE_REST_KEY };

/** A study that listens, with one session. */
async function aSession({
  participants = 2,
  room,
  study = trust,
}: {
  participants?: number;
  room?: string;
  study?: Study;
} = {}) {
  const stack = aStack();
  const container = stack.start(study);
  stack.timeline.advance(1_000);
  const reply = await ask(container, '/api/sessions', {
    headers,
    json: { session_config_name: 'trust', num_participants: participants, ...(room && { room_name: room }) },
  });
  const { session_wide_url } = JSON.parse(reply.body);
  const rows = () => stack.cluster.find('otree').table('otree_participant').rows;
  return { ...stack, container, link: new URL(session_wide_url).pathname, rows, first: () => rows()[0] ?? {} };
}

describe('a participant', () => {
  it('comes by the link of the session and goes through its pages to the end', async () => {
    const { container, link, cluster, first } = await aSession();
    const browser = aBrowser(container);

    const welcome = await browser.follow(link);
    expect(welcome).toMatch(/^\/p\/\w{8}\/trust\/Introduction\/1$/);
    const page = await browser.open(welcome);
    expect(page.body).toContain('Trust game');
    expect(page.body).toContain('Sandbox: this study is pretended by oForest.');

    const { status, headers } = await browser.open(welcome, { form: {} });
    expect([status, headers.location]).toEqual([302, `/p/${first().code}/trust/Send/2`]);
    const last = await browser.open(headers.location ?? '', { form: { sent: '7' } });
    const end = await browser.open(last.headers.location ?? '', { form: {} });
    expect(end.headers.location).toBe(`/OutOfRangeNotification/${first().code}`);
    expect((await browser.open(end.headers.location ?? '')).status).toBe(200);
    expect(cluster.find('otree').table('trust_player').rows[0]).toMatchObject({ participant_id: 1, sent: 7 });
    expect(first()).toMatchObject({ _index_in_pages: 4, _max_page_index: 3 });
  });

  it('is noted in the table as oTree notes it', async () => {
    const { container, link, first, timeline } = await aSession();
    expect(first()).toMatchObject({ visited: false, _index_in_pages: 0, _last_request_timestamp: null });
    const browser = aBrowser(container);
    const welcome = await browser.follow(link);
    const began = Math.floor(timeline.now() / 1000);
    timeline.advance(30_000);
    await browser.open(welcome, { form: {} });
    await browser.open(`/p/${first().code}/trust/Send/2`);
    expect(first()).toMatchObject({
      visited: true,
      _index_in_pages: 2,
      _last_request_timestamp: began + 30,
      _last_page_timestamp: began + 30,
      _current_app_name: 'trust',
      _current_page_name: 'Send',
      _round_number: 1,
      is_on_wait_page: false,
      _is_bot: false,
    });
  });

  it('is told what is wrong with an answer, and stays on the page', async () => {
    const { container, link, first } = await aSession();
    const browser = aBrowser(container);
    await browser.open(await browser.follow(link), { form: {} });
    const path = `/p/${first().code}/trust/Send/2`;
    for (const [sent, says] of [
      ['11', 'Value must be between 0 and 10.'],
      ['many', 'Not a valid integer value.'],
    ] as const) {
      const reply = await browser.open(path, { form: { sent } });
      expect([reply.status, reply.headers['otree-redisplay-with-errors']]).toEqual([200, '1']);
      expect(reply.body).toContain(says);
    }
    expect(first()._index_in_pages).toBe(2);
  });

  it('is led to the page where they are, whichever they ask for', async () => {
    const { container, link, first } = await aSession();
    const browser = aBrowser(container);
    const welcome = await browser.follow(link);
    const ahead = await browser.open(`/p/${first().code}/trust/Results/3`, { form: {} });
    expect([ahead.status, ahead.headers.location]).toEqual([302, welcome]);
  });

  it('is the same one with the same browser, and the next one with another, until the session is full', async () => {
    const { container, link } = await aSession();
    const [anna, ben] = [aBrowser(container), aBrowser(container)];
    const annasPage = await anna.follow(link);
    expect(await anna.follow(link)).toBe(annasPage);
    expect(await ben.follow(link)).not.toBe(annasPage);
    expect(await ask(container, link)).toMatchObject({ status: 404, body: 'Session is full.' });
  });

  it('is the one with the label, from whichever browser', async () => {
    const { container, link, first } = await aSession();
    const labelled = `${link}?participant_label=Anna`;
    const page = await aBrowser(container).follow(labelled);
    expect(await aBrowser(container).follow(labelled)).toBe(page);
    expect(first().label).toBe('Anna');
  });

  it('does not exist under another code', async () => {
    const { container, link } = await aSession();
    expect((await ask(container, '/InitializeParticipant/nobody')).status).toBe(404);
    expect((await ask(container, '/p/nobody/trust/Send/2')).status).toBe(404);
    expect((await ask(container, `${link}x`)).status).toBe(404);
  });
});

describe('a room', () => {
  it('shows its own page first, which makes nobody a participant', async () => {
    const { container, rows } = await aSession({ room: 'lab' });
    const { status, body } = await ask(container, '/room/lab?participant_label=%22Anna');
    expect(status).toBe(200);
    expect(body).toContain('name="participant_label" value="&#34;Anna"');
    expect(rows().some(({ visited }) => visited)).toBe(false);
  });

  it('leads on to the session, or waits for one', async () => {
    const { container, first } = await aSession({ room: 'lab' });
    expect(await aBrowser(container).follow('/room/lab?welcome_page_ok=1')).toBe(
      `/p/${first().code}/trust/Introduction/1`,
    );
    const { container: empty } = await aSession();
    expect((await ask(empty, '/room/lab?welcome_page_ok=1')).body).toContain('Waiting for your session to begin');
    expect((await ask(empty, '/room/other')).status).toBe(404);
  });
});

describe('a page with a time limit', () => {
  const onSend = async () => {
    const session = await aSession();
    const browser = aBrowser(session.container);
    await browser.open(await browser.follow(session.link), { form: {} });
    const path = `/p/${session.first().code}/trust/Send/2`;
    await browser.open(path);
    const messages = () => session.cluster.find('otree').table('otree_taskqueuemessage').rows;
    return { ...session, browser, path, messages };
  };

  it('is in the queue while it is open, and submitted when its time is over', async () => {
    const { messages, timeline, first } = await onSend();
    expect(messages()).toEqual([
      expect.objectContaining({ method: 'submit_expired_url', epoch_time: Math.floor(timeline.now() / 1000) + 68 }),
    ]);
    timeline.advance(67_000);
    expect(first()._index_in_pages).toBe(2);
    timeline.advance(1_000);
    expect([first()._index_in_pages, messages()]).toEqual([3, []]);
  });

  it('leaves the queue with the participant', async () => {
    const { browser, path, messages } = await onSend();
    await browser.open(path, { form: { sent: '1' } });
    expect(messages()).toEqual([]);
  });

  it('is submitted after a restart too, because the start makes overdue ones due', async () => {
    const { container, start, timeline, first } = await onSend();
    container.kill();
    timeline.advance(600_000);
    start();
    timeline.advance(1_000);
    expect(first()._index_in_pages).toBe(3);
  });
});

describe('another image in the middle of a session', () => {
  const restartedWith = async (study: Study) => {
    const session = await aSession();
    const browser = aBrowser(session.container);
    const page = await browser.follow(session.link);
    session.container.kill();
    const container = session.start(study);
    session.timeline.advance(1_000);
    return { ...session, container, page };
  };
  const [app] = trust.apps;

  it('shows nobody the last page when it has one more: how many there are was settled before', async () => {
    const pages = [{ name: 'Consent', title: 'Consent', text: '' }, ...(app?.pages ?? [])];
    const { container, first } = await restartedWith({ ...trust, apps: [{ name: 'trust', pages }] });
    let path = `/p/${first().code}/trust/Consent/1`;
    for (const _page of [1, 2, 3]) path = (await ask(container, path, { form: {} })).headers.location ?? '';
    expect(path).toBe(`/OutOfRangeNotification/${first().code}`);
  });

  it('answers 404 when it lacks their app', async () => {
    const { container, page } = await restartedWith({ ...trust, apps: [] });
    expect((await ask(container, page)).status).toBe(404);
  });

  it('fails at a new session when its players have a column that the table has not', async () => {
    const { container, cluster } = await restartedWith({
      ...trust,
      apps: [{ name: 'trust', pages: app?.pages ?? [], columns: { kept: 'integer' } }],
    });
    const json = { session_config_name: 'trust', num_participants: 1 };
    expect((await ask(container, '/login')).status).toBe(200);
    expect((await ask(container, '/api/sessions', { headers, json })).status).toBe(500);
    expect(container.log).toContain(
      'psycopg2.errors.UndefinedColumn: column "kept" of relation "trust_player" does not exist',
    );
    cluster.find('otree').table('trust_player').addColumn('kept', 'integer');
    expect((await ask(container, '/api/sessions', { headers, json })).status).toBe(200);
  });
});

it('writes the visitor as the proxy names them, and none where it names nobody', async () => {
  const { container } = await aSession();
  await ask(container, '/room/lab?a=1', { headers: { 'x-forwarded-for': '192.0.2.7, 10.0.0.2' } });
  await ask(container, '/nowhere', { headers: { 'x-forwarded-for': '' } });
  expect(container.log.slice(-2)).toEqual([
    'INFO:     192.0.2.7:0 - "GET /room/lab?a=1 HTTP/1.1" 200 OK',
    'INFO:     :0 - "GET /nowhere HTTP/1.1" 404 Not Found',
  ]);
});

it('keeps a row for each participant and player of a session', async () => {
  const { cluster } = await aSession({ participants: 3, room: 'lab' });
  expect(cluster.counts('otree')).toMatchObject({
    otree_session: 1,
    otree_participant: 3,
    otree_roomtosession: 1,
    trust_subsession: 1,
    trust_group: 1,
    trust_player: 3,
  });
  const [session]: Row[] = cluster.find('otree').table('otree_session').rows;
  expect(session).toMatchObject({ is_demo: false, label: '', num_participants: 3 });
  expect(JSON.parse(String(session?.config))).toMatchObject({ name: 'trust', app_sequence: ['trust'] });
});
