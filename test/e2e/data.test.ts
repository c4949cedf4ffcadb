import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type Lab, openLab, runningTasks } from './support/lab.ts';
import { openPlayers, type Players, type Tab } from './support/players.ts';

/** What happens to the data of a study in its life, in the order in which a lab fears it. Real Postgres, real oTree. */
describe("a study's data", () => {
  const host = 'data.oforest.test';
  let lab: Lab;
  let players: Players;
  let held: Tab;
  let link = '';
  let backup: Manifest;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await lab.succeed(['deploy', 'data', '--image', lab.bed.images['study:v1']]);
    players = await openPlayers(lab, 'data');
  });
  afterAll(async () => {
    await players?.[Symbol.asyncDispose]();
    for (const stack of ['data', 'copy']) {
      await lab?.oforest(['delete', stack, '--confirm', stack, '--interrupt', 'the test is over']);
      await lab?.oforest(['purge', stack, '--confirm', stack]);
    }
    await lab?.[Symbol.asyncDispose]();
  });

  interface Manifest {
    id: string;
    rows: number;
    participants: number;
    sessions: number;
    reason: string;
    tables: Record<string, { rows: number; digest: string }>;
  }
  const json = async (...words: string[]) => {
    const { exitCode, value } = await lab.json(words);
    return { exitCode, value: value as unknown as Answer };
  };
  interface Answer {
    ok: boolean;
    state: string;
    backup: string;
    archive: string;
    until: string;
    path: string;
    backups: Manifest[];
    archives: { database: string; reason: string }[];
    error: { code: string; why: string; now: string; hint: string; details: Record<string, unknown> };
  }
  const newest = async (stack = 'data') => {
    const { value } = await json('backups', stack);
    const [first] = value.backups;
    if (!first) throw new Error(`${stack} has no backup`);
    return first;
  };
  /** Each backup has oTree write its page times down first: the one table that differs by design. */
  const withoutPageTimes = ({ tables: { otree_pagetimebatch: _pageTimes, ...tables } }: Manifest) => tables;
  const rows = async () => {
    const container = await containerOf(lab, 'data_db');
    const sql = 'SELECT count(*) FROM otree_participant';
    return Number(await lab.docker(['exec', container, 'psql', '-XAtq', '-U', 'study', '-d', 'otree', '-c', sql]));
  };

  it("is played by oTree's bots, and backed up with what they left", async () => {
    let bot = await players.openBot('survey');
    for (let pages = 0; bot.body.includes('browser-bot-auto-submit') && pages < 20; pages += 1)
      bot = await bot.answer();
    await players.createSession('survey', 5);
    players.closeAll();

    const { exitCode, value } = await json('backup', 'data');
    expect({ exitCode, state: value.state }).toEqual({ exitCode: 0, state: 'running' });
    backup = await newest();
    expect(backup).toMatchObject({ id: value.backup, participants: 6, sessions: 2, reason: 'asked' });
    expect(backup.tables.survey_player?.rows).toBe(6);
  });

  it('is not reset under somebody who is on a page, and the refusal says how many there are', async () => {
    [link = ''] = (await players.createSession('survey', 1)).links;
    held = await players.open(link);
    const before = await runningTasks(lab, 'data_web');

    const { exitCode, value } = await json('reset', 'data', '--confirm', 'data');

    expect(exitCode).toBe(5);
    expect(value.error).toMatchObject({ code: 'participants-present', details: { onPage: 1 } });
    expect(value.error.now).toBe('Nothing was changed.');
    expect(await rows()).toBe(7);
    expect(await runningTasks(lab, 'data_web')).toEqual(before);
    expect((await newest()).id).toBe(backup.id);
  });

  it('is not reset without its name typed', async () => {
    const { exitCode, value } = await json('reset', 'data', '--yes');
    expect(exitCode).toBe(7);
    expect(value.error.hint).toContain('--confirm data');

    const { stderr } = await lab.oforest(['reset', 'data']);
    expect(stderr).toContain('data holds 3 sessions with 7 participants.');
  });

  it('is reset with an open tab when somebody takes that upon himself: backed up, empty, and set aside', async () => {
    const reason = 'the room is on fire';
    const { exitCode, value } = await json('reset', 'data', '--confirm', 'data', '--interrupt', reason);

    expect(exitCode).toBe(0);
    expect(value).toMatchObject({ state: 'running', archive: expect.stringMatching(/^otree_old_/) });
    expect(held.sockets.length).toBeGreaterThan(0);
    held.close();
    expect(await rows()).toBe(0);
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
    backup = await newest();
    expect(backup).toMatchObject({ id: value.backup, participants: 7 });
  });

  it('comes back as it was by undo, digest by digest, and the session goes on', async () => {
    expect((await json('undo', 'data')).exitCode).toBe(0);
    expect(await rows()).toBe(7);
    expect((await json('backup', 'data')).exitCode).toBe(0);
    expect(withoutPageTimes(await newest())).toEqual(withoutPageTimes(backup));

    const again = await (await players.open(link)).answer({ age: '33', field_of_study: 'law' });
    expect(again.page).toBe('Thanks');
    again.close();
    await json('backup', 'data');
    backup = await newest();
  });

  it('goes with a deleted study and comes back with it; meanwhile its address says that it is closed', async () => {
    const deleted = await json('delete', 'data', '--confirm', 'data');
    expect(deleted).toMatchObject({ exitCode: 0, value: { state: 'deleted', until: expect.stringMatching(/^20/) } });
    const closed = await lab.get(host, '/login');
    expect(closed.status).toBe(410);
    expect(closed.body).toContain('This study is closed');
    const taken = await json('deploy', 'data', '--image', lab.bed.images['study:v2']);
    expect(taken).toMatchObject({ exitCode: 5, value: { error: { code: 'study-retired' } } });
    expect(taken.value.error.hint).toContain('oforest undelete data');

    expect(await json('undelete', 'data')).toMatchObject({ exitCode: 0, value: { state: 'running' } });
    expect(await rows()).toBe(7);
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('is fetched with its hash compared, and restored into another study', async () => {
    const folder = join(lab.home, 'backups');
    const fetched = await json('backups', 'data', '--download', folder, '--backup', backup.id);
    expect(fetched).toMatchObject({ exitCode: 0, value: { path: join(folder, `${backup.id}.dump`) } });
    await lab.succeed(['deploy', 'copy', '--image', lab.bed.images['study:v1']]);

    expect((await json('restore', 'copy', '--from', fetched.value.path)).exitCode).toBe(0);

    await json('backup', 'copy');
    expect(withoutPageTimes(await newest('copy'))).toEqual(withoutPageTimes(backup));
  });

  it('is not replaced by a dump that was damaged after it was fetched, though the study has it whole', async () => {
    const path = join(lab.home, 'backups', `${backup.id}.dump`);
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
    await writeFile(path, bytes);

    const { exitCode, value } = await json('restore', 'copy', '--from', path);

    expect(exitCode).toBe(1);
    expect(value.error).toMatchObject({ code: 'backup-damaged' });
    expect(value.error.now).toBe('Nothing was changed.');
    expect(await lab.get('copy.oforest.test', '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('is not met by an image that would move people to other pages', async () => {
    const before = await runningTasks(lab, 'data_web');
    const { exitCode, value } = await json('deploy', 'data', '--image', lab.bed.images['more-pages']);
    expect(exitCode).toBe(5);
    expect(value.error).toMatchObject({ code: 'misfit', details: { verdict: 'moves-pages' } });
    expect(value.error.why).toContain('skip Thanks');
    expect(await runningTasks(lab, 'data_web')).toEqual(before);
  });

  it('gets the columns that a new image needs when they are asked for, and keeps its rows', async () => {
    const image = lab.bed.images['new-field'];
    const refused = await json('deploy', 'data', '--image', image);
    expect(refused).toMatchObject({ exitCode: 5, value: { error: { details: { verdict: 'adds-columns' } } } });
    expect(refused.value.error.hint).toContain('--add-columns');

    expect((await json('deploy', 'data', '--image', image, '--add-columns')).exitCode).toBe(0);
    expect(await rows()).toBe(7);
    expect((await newest()).reason).toBe('before adding columns');
  });

  it('is gone after a purge, with everything of the study but the record of who did it', async () => {
    expect((await json('delete', 'copy', '--confirm', 'copy')).exitCode).toBe(0);
    expect(await json('purge', 'copy', '--confirm', 'copy')).toMatchObject({ exitCode: 0, value: { state: 'purged' } });

    for (const kind of ['service', 'network', 'volume', 'secret'])
      expect(await lab.docker([kind, 'ls', '-q', '-f', 'name=copy_'])).toBe('');
    expect((await lab.docker(['config', 'ls', '--format', '{{.Name}}'])).match(/of\.\w+\.copy.*/g)).toEqual([
      'of.lock.copy',
      expect.stringMatching(/^of\.op\.copy\./),
    ]);
  });
});
