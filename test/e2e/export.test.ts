import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { label } from '../../src/core/swarm/labels.ts';
import { validateAnswer } from '../support/json-answers.ts';
import { containerOf, type Lab, openLab } from './support/lab.ts';
import { openPlayers } from './support/players.ts';
import { removeStack } from './support/remove-stack.ts';

/** Given to participants: wherever one of these turns up, it is theirs. */
const labels = ['Ada-Lovelace-7431', 'Blaise-Pascal-2207'] as const;
const customCode = `

def custom_export(players):
    yield ['label', 'age']
    for player in players:
        print('printed', player.participant.label)
        yield [player.participant.label, player.field_maybe_none('age')]


def custom_export_broken(players):
    raise ValueError(players[0].participant.label)
`;
let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  await play('exp-six', lab.bed.images['study:v1']);
  await play('exp-five', lab.bed.images['study:otree-5']);
});
afterAll(async () => {
  for (const name of ['exp-six', 'exp-five']) {
    await removeStack(lab, name);
    await lab.docker(['image', 'rm', `${lab.bed.registry}/study:${name}`]);
  }
  await lab?.[Symbol.asyncDispose]();
});

/** A study with two sessions: in the first two people with labels, one of whom is done. */
async function play(stack: string, base: string): Promise<void> {
  await lab.succeed(['deploy', stack, '--image', await withCustomExports(stack, base)]);
  await using players = await openPlayers(lab, stack);
  const { links } = await players.createSession('survey', 2);
  for (const [index, link] of links.entries()) {
    const page = await players.open(`${link}?participant_label=${labels[index]}`);
    if (index === 0) await (await page.answer({ age: '36', field_of_study: '=1+1, "mathematics"' })).answer();
  }
  await players.createSession('guess', 3);
  await sql(
    stack,
    `INSERT INTO otree_chatmessage (channel, participant_id, nickname, body, timestamp)
     SELECT 'one', id, 'Player 1', 'hello, "you"', 1790000000 FROM otree_participant ORDER BY id LIMIT 1`,
  );
}

async function withCustomExports(stack: string, base: string): Promise<string> {
  const folder = await mkdtemp(join(lab.home, 'image-'));
  const tag = `${lab.bed.registry}/study:${stack}`;
  await writeFile(join(folder, 'more.py'), customCode);
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM ${base}\nCOPY more.py /tmp/\nRUN cat /tmp/more.py >> survey/__init__.py\n`,
  );
  await lab.docker(['build', '-q', '-t', tag, folder]);
  await lab.docker(['push', '-q', tag]);
  return tag;
}

async function sql(stack: string, statement: string): Promise<string> {
  return await lab.docker([
    ...['exec', await containerOf(lab, `${stack}_db`), 'psql', '-XAtq', '-U', 'study', '-d', 'otree', '-c', statement],
  ]);
}

/** What oTree's own server answers, over REST where it has it, else over the websocket of its export page. */
async function fromOtree(stack: string, path: string): Promise<string> {
  const rest = `
import os, sys, urllib.request
key = open("/run/secrets/OTREE_REST_KEY").read()
request = urllib.request.Request("http://127.0.0.1:8000" + sys.argv[1], headers={"otree-rest-key": key})
sys.stdout.buffer.write(urllib.request.urlopen(request, timeout=25).read())`;
  const socket = `
import asyncio, http.cookiejar, json, re, sys, urllib.parse, urllib.request, websockets
cookies = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
page = browser.open("http://127.0.0.1:8000/login", timeout=25).read().decode()
token = re.search('csrftoken[^>]*value="([^"]+)', page)
form = {"username": "admin", "password": open("/run/secrets/OTREE_ADMIN_PASSWORD").read(), "csrftoken": token and token[1] or ""}
browser.open("http://127.0.0.1:8000/login", urllib.parse.urlencode(form).encode(), timeout=25).read()
cookie = "; ".join("%s=%s" % (one.name, one.value) for one in cookies)
async def ask():
    url = "ws://127.0.0.1:8000/export"
    async with websockets.connect(url, max_size=None, extra_headers={"Cookie": cookie}) as socket:
        await socket.send(sys.argv[1])
        return json.loads(await socket.recv())["data"]
sys.stdout.buffer.write(asyncio.new_event_loop().run_until_complete(ask()).encode())`;
  const code = path.startsWith('/') ? rest : socket;
  return await lab.docker(['exec', await containerOf(lab, `${stack}_web`), 'python3', '-c', code, path]);
}

interface Exported {
  exitCode: number;
  value: {
    ok: boolean;
    outcome: string;
    files: { name: string; rows: number }[];
    failed: unknown[];
    notFiltered: string[];
    pageTimesKept: boolean;
  };
  files: Record<string, string>;
  folder: string;
}

async function exported(stack: string, ...words: string[]): Promise<Exported> {
  const folder = join(await mkdtemp(join(lab.home, 'out-')), 'data');
  const { exitCode, value } = await lab.json(['export', stack, '--out', folder, ...words]);
  if (!('files' in value)) throw new Error(`nothing was exported: ${JSON.stringify(value)}`);
  expect(validateAnswer(value, 'export')).toEqual([]);
  const names = await readdir(folder);
  const read = async (name: string) => [name, await readFile(join(folder, name), 'utf8')] as const;
  return {
    exitCode,
    value: value as unknown as Exported['value'],
    files: Object.fromEntries(await Promise.all(names.map(read))),
    folder,
  };
}

/** 5.x keeps the fields of session configs in a set: the order of its columns is another one in each process. */
function sortedColumns(csv: string): readonly string[] {
  const rows = csv.split('\r\n').filter(Boolean).map(cellsOf);
  const order = rows[0]!.map((name, at) => ({ name, at })).sort((a, b) => a.name.localeCompare(b.name));
  return rows.map((row) => order.map(({ at }) => row[at]).join('|'));
}

const cellsOf = (line: string) =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('export', () => {
  it('has the bytes that the REST API of oTree 6 answers, page times of this moment included', async () => {
    const { exitCode, value, files, folder } = await exported('exp-six');

    expect(files['wide.csv']).toBe(await fromOtree('exp-six', '/api/export_wide'));
    expect(files['wide.csv']).toContain(labels[0]);
    expect(files['wide.csv']).toContain('"=1+1, ""mathematics"""');
    for (const app of ['survey', 'guess'])
      expect(files[`app-${app}.csv`]).toBe(await fromOtree('exp-six', `/api/export_app?app=${app}`));
    expect(files['page-times.csv']).toBe(await fromOtree('exp-six', '/api/export_page_times'));
    expect(files['page-times.csv']!.split('\n').length).toBeGreaterThan(3);
    expect(files['chat.csv']).toBe(await fromOtree('exp-six', '/api/export_chat'));
    expect(files['custom-survey-custom_export.csv']).toBe(
      await fromOtree('exp-six', '/api/export_app_custom?app=survey'),
    );
    expect(value).toMatchObject({ ok: false, outcome: 'incomplete', pageTimesKept: true });
    expect(value.failed).toEqual([
      {
        name: 'custom-survey-custom_export_broken.csv',
        error: 'ValueError',
        at: expect.stringMatching(/^survey.__init__\.py:\d+$/),
      },
    ]);
    expect(exitCode).toBe(1);
    expect(value.files).toContainEqual({ name: 'wide.csv', rows: 5, bytes: expect.any(Number) });
    expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
    for (const name of Object.keys(files)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(files['export.json']!)).toMatchObject({ format: 1, otree: '6.0.15', anonymous: false });
  });

  it('has what the export page of oTree 5 answers', async () => {
    const { exitCode, value, files } = await exported('exp-five');

    expect(exitCode).toBe(0);
    expect(value.pageTimesKept).toBe(true);
    expect(sortedColumns(files['wide.csv']!)).toEqual(sortedColumns(await fromOtree('exp-five', '{}')));
    expect(files['wide.csv']).toContain(labels[1]);
    for (const app of ['survey', 'guess'])
      expect(files[`app-${app}.csv`]).toBe(await fromOtree('exp-five', JSON.stringify({ app_name: app })));
    expect(files['custom-survey-custom_export.csv']).toBe(
      await fromOtree('exp-five', JSON.stringify({ app_name: 'survey', is_custom: true })),
    );
    expect(files['page-times.csv']).toBe(await fromOtree('exp-five', '/ExportPageTimes'));
    expect(files['chat.csv']).toBe(await fromOtree('exp-five', '/chat_export'));
    expect(JSON.parse(files['export.json']!)).toMatchObject({ otree: '5.11.5' });
    expect(value.files.map(({ name }) => name)).not.toContain('export.json');
  });

  it.each(['exp-six', 'exp-five'])(
    'of %s has no label with --anonymous, but what it says it cannot filter',
    async (stack) => {
      const { value, files } = await exported(stack, '--anonymous', '--per-session', '--format', 'excel');

      const custom = 'custom-survey-custom_export.csv';
      const { [custom]: notFiltered, ...filtered } = files;
      for (const text of Object.values(filtered)) for (const one of labels) expect(text).not.toContain(one);
      expect(notFiltered).toContain(labels[0]);
      expect(value.notFiltered).toEqual([
        'free-text answers',
        'labels and comments of sessions',
        'chat.csv: nicknames and messages',
        `${custom}: whatever the study's own code writes`,
      ]);
      const sessions = Object.keys(files).filter((name) => name.startsWith('session-'));
      expect(sessions).toHaveLength(2);
      for (const name of ['wide.csv', 'app-survey.csv', ...sessions]) {
        expect(files[name]).toMatch(
          /^\ufeffparticipant\.id_in_session,participant\.code,participant\._is_bot,|^\ufeffparticipant\.id/,
        );
        expect(files[name]).not.toMatch(/mturk|participant\.label/);
      }
      expect(
        filtered['app-survey.csv']!.trim()
          .split('\r\n')
          .map((line) => cellsOf(line).length),
      ).toEqual(Array.from({ length: 3 }, () => cellsOf(filtered['app-survey.csv']!.split('\r\n')[0]!).length));
    },
  );

  it('leaves nothing behind: no service, no change in the database, no line in a log, no label in a record', async () => {
    const counted = () =>
      sql(
        'exp-six',
        `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables
      WHERE relname <> 'otree_pagetimebatch'`,
      );
    const settled = async () => {
      await new Promise((done) => setTimeout(done, 1_500));
      return await counted();
    };
    const printed = async () => (await lab.docker(['service', 'logs', 'exp-six_web'])).split('printed').length;
    const printedBefore = await printed();
    const before = await settled();
    const seen = watchLogs('exp-six');
    await exported('exp-six');

    const { services, log } = await seen.stop();
    expect(services.length).toBeGreaterThan(0);
    expect(log).toBe('');
    expect(await settled()).toBe(before);
    expect(await lab.docker(['service', 'ls', '-q', '--filter', 'name=exp-six_look'])).toBe('');
    expect(await printed()).toBe(printedBefore);
    const configs = await lab.docker(['config', 'ls', '-q', '--filter', `label=${label.stack}=exp-six`]);
    const records = await lab.docker(['config', 'inspect', ...configs.split('\n').filter(Boolean)]);
    for (const one of labels) expect(records).not.toContain(one);
  });
});

/** What services of exports print while they are there. */
function watchLogs(stack: string) {
  const services = new Set<string>();
  let log = '';
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const ids = await lab.docker(['service', 'ls', '-q', '--filter', `name=${stack}_look`]);
      for (const id of ids.split('\n').filter(Boolean)) {
        services.add(id);
        const text = await lab.docker(['service', 'logs', '--raw', id]).catch(() => '');
        if (text.length > log.length) log = text;
      }
      await new Promise((done) => setTimeout(done, 250));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return { services: [...services], log };
    },
  };
}
