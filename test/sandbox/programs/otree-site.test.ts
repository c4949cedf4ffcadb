import { describe, expect, it } from 'vitest';
import { aBrowser, aStack, ask, secrets, trust } from './a-study.ts';

function aSite(study = trust, around: Parameters<ReturnType<typeof aStack>['start']>[1] = {}) {
  const stack = aStack();
  const container = stack.start(study, around);
  stack.timeline.advance(1_000);
  return { ...stack, container, browser: aBrowser(container) };
}
const headers = { 'otree-rest-key': secrets.OTREE_REST_KEY };

const loginOnly = [
  ...['/demo', '/sessions', '/rooms', '/export', '/server_check', '/create_session', '/ExportWide', '/ExportPageTimes'],
  ...['/SessionMonitor/abc', '/SessionData/abc', '/SessionStartLinks/abc'],
];

describe('to strangers', () => {
  it('shows the way to the login, and nothing behind it', async () => {
    const { container } = aSite();
    expect(await ask(container, '/')).toMatchObject({ status: 307, headers: { location: '/demo' } });
    for (const path of loginOnly)
      expect([path, await ask(container, path)]).toMatchObject([
        path,
        { status: 302, headers: { location: '/login' } },
      ]);
    expect((await ask(container, '/chat_export')).status).toBe(404);
  });

  it('is open where settings.py says so', async () => {
    const { container } = aSite({ ...trust, fault: 'auth-level-open' });
    for (const path of ['/demo', '/sessions', '/ExportWide', '/ExportPageTimes', '/api/rooms', '/api/export_wide'])
      expect([path, (await ask(container, path)).status]).toEqual([path, 200]);
  });

  it('leaves two exports open where it is older than 6.0.15', async () => {
    for (const [version, status] of [
      ['5.11.5', 200],
      ['6.0.1b1', 200],
      ['6.0.15', 302],
      ['6.1.0', 302],
    ] as const)
      expect([version, (await ask(aSite({ ...trust, version }).container, '/ExportPageTimes')).status]).toEqual([
        version,
        status,
      ]);
  });

  it('answers a page that is not there with 404, and one with a slash too many by leading there', async () => {
    const { container } = aSite();
    expect(await ask(container, '/nowhere')).toMatchObject({ status: 404, body: 'Not Found' });
    expect(await ask(container, '/%E0%A4%A')).toMatchObject({ status: 404 });
    expect(await ask(container, '/api/rooms/')).toMatchObject({ status: 307, headers: { location: '/api/rooms' } });
    expect(await ask(container, '/login', { method: 'DELETE' })).toMatchObject({ status: 405 });
  });
});

describe('the login', () => {
  it('lets in with the password of the secret', async () => {
    const { browser } = aSite();
    expect(await browser.logIn()).toMatchObject({ status: 302, headers: { location: '/demo' } });
    for (const path of ['/demo', '/sessions', '/rooms', '/export', '/server_check'])
      expect([path, (await browser.open(path)).status]).toEqual([path, 200]);
    await browser.open('/logout');
    expect((await browser.open('/sessions')).status).toBe(302);
  });

  it('shows its form again after a wrong password', async () => {
    const { browser } = aSite();
    const { status, body } = await browser.logIn('guess');
    expect([status, body.includes('Login failed')]).toEqual([200, true]);
    expect((await browser.open('/sessions')).status).toBe(302);
  });

  it('refuses a form without its token', async () => {
    const form = { username: 'admin', password: secrets.OTREE_ADMIN_PASSWORD };
    expect((await ask(aSite().container, '/login', { form })).status).toBe(403);
  });

  it('refuses the stored password where settings.py has its own', async () => {
    const { browser } = aSite({ ...trust, fault: 'admin-password-fixed' });
    expect((await browser.logIn()).status).toBe(200);
    expect((await browser.logIn('fixed-in-settings')).status).toBe(302);
  });

  it('holds over a restart, and ends with the password', async () => {
    const { browser, container, start, timeline } = aSite();
    await browser.logIn();
    const cookie = (await browser.open('/sessions')).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    container.kill();
    const [again, changed] = [start(), start(trust, { files: { '/run/secrets/OTREE_ADMIN_PASSWORD': 'new' } })];
    timeline.advance(1_000);
    expect((await ask(again, '/sessions', { headers: { cookie } })).status).toBe(200);
    expect((await ask(changed, '/sessions', { headers: { cookie } })).status).toBe(302);
  });
});

describe('the researcher', () => {
  it('creates a session and sees its links, its progress and its data', async () => {
    const { browser, cluster } = aSite();
    await browser.logIn();
    const form = { session_config: 'trust', num_participants: '2', room_name: 'lab' };
    const { status, headers } = await browser.submit('/create_session', form);
    expect(status).toBe(302);
    const [session] = cluster.find('otree').table('otree_session').rows;
    const links = await browser.open(headers.location ?? '');
    expect(links.body).toContain(`http://trust.lab.test/join/${session?._anonymous_code}`);
    await browser.open(await browser.follow(`/join/${session?._anonymous_code}`), { form: {} });
    expect((await browser.open('/sessions')).body).toContain('1 of 2');
    expect((await browser.open(`/SessionMonitor/${session?.code}`)).body).toContain('2/3');
    expect((await browser.open(`/SessionData/${session?.code}`)).body).toContain('sent');
    expect((await browser.open('/rooms')).body).toContain(String(session?.code));
    expect((await browser.open('/SessionMonitor/other')).status).toBe(404);
  });

  it('is told when the number of participants makes no sense', async () => {
    const { browser, cluster } = aSite();
    await browser.logIn();
    const reply = await browser.submit('/create_session', { session_config: 'trust', num_participants: '0' });
    expect(reply.body).toContain('Please enter a valid number of participants.');
    expect(cluster.counts('otree').otree_session).toBe(0);
  });

  it('tries a config in a demo session, which the REST API leaves out', async () => {
    const { browser, container, cluster } = aSite();
    await browser.logIn();
    expect((await browser.submit('/demo/trust', {})).headers.location).toMatch(/^\/SessionStartLinks\//);
    expect(cluster.find('otree').table('otree_session').rows[0]).toMatchObject({ is_demo: true, num_participants: 2 });
    expect(JSON.parse((await ask(container, '/api/sessions', { headers })).body)).toEqual([]);
  });

  it('gets the data as the running code knows them', async () => {
    const { browser, container, cluster } = aSite();
    await ask(container, '/api/sessions', { headers, json: { session_config_name: 'trust', num_participants: 1 } });
    const [participant] = cluster.find('otree').table('otree_participant').rows;
    await ask(container, `/InitializeParticipant/${participant?.code}?participant_label=Anna,%20M`);
    await browser.logIn();
    const [heads, row] = (await browser.open('/ExportWide')).body.split('\r\n');
    expect(heads).toBe(
      'session.code,participant.code,participant.label,participant._index_in_pages,participant._max_page_index,participant._current_app_name,participant.payoff,trust.1.player.sent',
    );
    expect(row).toBe(`${participant?._session_code},${participant?.code},"Anna, M",1,3,,0,`);
    expect((await browser.open('/ExportPageTimes')).body).toContain(`${participant?.code},0,,InitializeParticipant`);
  });

  it('reads each page with everything of others escaped', async () => {
    const { browser, container } = aSite({ ...trust, title: 'Trust & <b>more</b>' });
    const json = { session_config_name: 'trust', num_participants: 1 };
    await ask(container, '/api/sessions', { headers, json });
    const { body } = await browser.open('/login');
    expect(body).toContain('Trust &#38; &#60;b&#62;more');
  });
});

describe('the REST API', () => {
  it('needs the key', async () => {
    const { container } = aSite();
    expect(await ask(container, '/api/rooms')).toMatchObject({
      status: 403,
      body: 'HTTP Request Header otree-rest-key is missing',
    });
    expect(await ask(container, '/api/rooms', { headers: { 'otree-rest-key': 'guess' } })).toMatchObject({
      status: 403,
      body: 'HTTP Request Header otree-rest-key is incorrect',
    });
    const { container: keyless } = aSite(trust, { files: { '/run/secrets/OTREE_REST_KEY': '' } });
    expect(await ask(keyless, '/api/rooms', { headers })).toMatchObject({
      status: 403,
      body: 'Env var OTREE_REST_KEY must be defined to use REST API',
    });
  });

  it('tells the version, configs and rooms', async () => {
    const { container } = aSite();
    const get = async (path: string) => JSON.parse((await ask(container, path, { headers })).body);
    expect(await get('/api/otree_version')).toEqual({ version: '6.0.15' });
    expect(await get('/api/session_configs')).toMatchObject([{ name: 'trust', app_sequence: ['trust'] }]);
    expect(await get('/api/rooms')).toEqual([
      { session_code: null, name: 'lab', url: 'http://trust.lab.test/room/lab' },
    ]);
  });

  it('creates a session in a room, and tells of it with links as the visitor would see them', async () => {
    const { container, timeline } = aSite();
    const https = { ...headers, 'x-forwarded-proto': 'https' };
    const json = { session_config_name: 'trust', num_participants: 2, room_name: 'lab', label: 'pilot' };
    const made = JSON.parse((await ask(container, '/api/sessions', { headers: https, json })).body);
    expect(made).toEqual({
      code: expect.stringMatching(/^\w{8}$/),
      session_wide_url: expect.stringMatching(/^https:\/\/trust\.lab\.test\/join\/\w{8}$/),
      admin_url: `https://trust.lab.test/SessionStartLinks/${made.code}`,
      room_url: 'https://trust.lab.test/room/lab',
    });
    const [listed] = JSON.parse((await ask(container, '/api/sessions', { headers: https })).body);
    expect(listed).toEqual({
      ...made,
      num_participants: 2,
      created_at: Math.floor(timeline.now() / 1000),
      label: 'pilot',
      config_name: 'trust',
    });
    const told = await ask(container, `/api/get_session/${made.code}`, { headers, json: {} });
    expect(JSON.parse(told.body).participants).toMatchObject([{ id_in_session: 1 }, { id_in_session: 2 }]);
    await ask(container, `/api/session_vars/${made.code}`, { headers, json: { vars: { treatment: 'high' } } });
    expect((await ask(container, '/api/sessions/other', { headers })).status).toBe(404);
  });

  it.each([
    [{ session_config_name: 'other', num_participants: 2 }, 400],
    [{ session_config_name: 'trust', num_participants: 0 }, 400],
    [{ session_config_name: 'trust', num_participants: 2, room_name: 'other' }, 400],
    [{ session_config_name: 'trust', num_participants: 2, color: 'red' }, 403],
  ])('refuses %o', async (json, status) => {
    expect((await ask(aSite().container, '/api/sessions', { headers, json })).status).toBe(status);
  });
});
