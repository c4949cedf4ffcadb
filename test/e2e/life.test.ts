import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, stopRegistry } from './bed/bed.ts';
import { type Lab, openLab, runningTasks } from './support/lab.ts';
import { until } from './support/until.ts';

/** The whole life of a study, in the order in which a researcher lives it. */
describe('a study from its first deployment on', () => {
  const host = 'life.oforest.test';
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const deploy = (image: string) => lab.json(['deploy', 'life', '--image', image]);

  it('plans a first deployment without writing anything', async () => {
    const before = await lab.docker(['service', 'ls', '-q']);
    const { exitCode, value } = await lab.json(['deploy', 'life', '--image', lab.bed.images['study:v1'], '--plan']);
    expect(exitCode).toBe(0);
    expect(value.outcome).toBe('planned');
    expect(value.plan.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['life_default', 'life_db', 'life_web', 'OTREE_ADMIN_PASSWORD']),
    );
    expect(await lab.docker(['service', 'ls', '-q'])).toBe(before);
    expect(await lab.docker(['config', 'ls', '--filter', 'label=org.oforest.stack=life', '-q'])).toBe('');
  });

  it('answers over HTTPS with the header of its first release', async () => {
    const { exitCode, value } = await deploy(lab.bed.images['study:v1']);
    expect(exitCode).toBe(0);
    expect(value).toMatchObject({
      ok: true,
      outcome: 'succeeded',
      release: 1,
      state: 'running',
      url: `https://${host}`,
    });
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('is understood by docker stack', async () => {
    expect(await lab.docker(['stack', 'ls', '--format', '{{.Name}} {{.Services}}'])).toContain('life 2');
    const services = await lab.docker(['stack', 'services', 'life', '--format', '{{.Name}} {{.Replicas}}']);
    expect(services.trim().split('\n').sort()).toEqual(['life_db 1/1', 'life_web 1/1']);
    expect(await lab.docker(['stack', 'ps', 'life', '--format', '{{.Name}} {{.DesiredState}}'])).toContain(
      'life_web.1 Running',
    );
  });

  it('finds nothing to do for the same image, and restarts nothing', async () => {
    const before = await lab.docker(['stack', 'ps', 'life', '-q', '--no-trunc']);
    const { exitCode, value } = await deploy(lab.bed.images['study:v1']);
    expect(exitCode).toBe(0);
    expect(value).toMatchObject({ outcome: 'unchanged', plan: [], release: 1 });
    expect(await lab.docker(['stack', 'ps', 'life', '-q', '--no-trunc'])).toBe(before);
    expect((await lab.json(['releases', 'life'])).value.releases).toHaveLength(1);
  });

  it('updates to another image', async () => {
    expect((await deploy(lab.bed.images['study:v2'])).value).toMatchObject({ ok: true, release: 2 });
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v2' });
  });

  it('rolls back to v1 as a new release while the registry is down', async () => {
    await stopRegistry();
    try {
      const { exitCode, value } = await lab.json(['rollback', 'life', '--to', 'v1']);
      expect(exitCode).toBe(0);
      expect(value).toMatchObject({ ok: true, release: 3 });
      const refused = await lab.json(['deploy', 'life', '--image', lab.bed.images['study:v3']]);
      expect(refused.exitCode).toBe(6);
      expect(refused.value.error.code).toBe('registry-unreachable');
    } finally {
      await startRegistry();
    }
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v3' });
    const { value } = await lab.json(['releases', 'life']);
    expect(value.releases[0]).toMatchObject({ release: 3, source: 1, serving: true, state: 'proven' });
    expect(value.releases[0]?.digest).toBe(value.releases[2]?.digest);
  });

  it('stops, keeps its database up, and starts again', async () => {
    expect((await lab.json(['stop', 'life'])).value).toMatchObject({ ok: true, state: 'stopped' });
    expect((await lab.get(host, '/login')).status).toBe(410);
    expect(await runningTasks(lab, 'life_web')).toEqual([]);
    expect(await runningTasks(lab, 'life_db')).toHaveLength(1);
    expect((await lab.json(['list'])).value.experiments.find((one) => one.stack === 'life')).toMatchObject({
      state: 'stopped',
      release: 3,
    });
    expect((await lab.json(['stop', 'life'])).value).toMatchObject({ outcome: 'unchanged' });
    expect((await lab.json(['start', 'life'])).value).toMatchObject({ ok: true, state: 'running', release: 3 });
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v3' });
  });

  it('restarts with a fresh task of the same release', async () => {
    const [before] = await runningTasks(lab, 'life_web');
    expect((await lab.json(['restart', 'life'])).value).toMatchObject({ ok: true, release: 3 });
    const [after] = await runningTasks(lab, 'life_web');
    expect(after).not.toBe(before);
  });

  it('lives beside its own staging copy', async () => {
    const { value } = await lab.json(['deploy', 'life', '--env', 'staging', '--image', lab.bed.images['study:v2']]);
    expect(value).toMatchObject({
      ok: true,
      stack: 'life--staging',
      release: 1,
      url: 'https://life--staging.oforest.test',
    });
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v3' });
  });

  it('tells what it runs, and where participants and admins go', async () => {
    const status = (await lab.json(['status', 'life'])).value;
    expect(status).toMatchObject({ state: 'running', release: 3, url: `https://${host}` });
    expect(status.parts.map(({ part, task }) => `${part} ${task}`)).toEqual(['web running', 'db running']);
    const { links } = (await lab.json(['links', 'life'])).value;
    expect(links).toContainEqual({ kind: 'room', name: 'lab', url: `https://${host}/room/lab`, tried: 'answers' });
    const admin = (await lab.json(['admin', 'life'])).value;
    expect(admin).toMatchObject({ url: `https://${host}/sessions`, user: 'admin' });
    expect(admin.password).toMatch(/^[a-z0-9]{16}$/);
  });

  it('shows logs without visitor addresses, participant codes or its own probes', async () => {
    const session = await lab.docker(['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=life_web']);
    const code = await lab.docker(['exec', session.trim(), 'sh', '-c', createSession]);
    const [participant] = code.trim().split(/\s+/).slice(-1);
    await lab.get(host, `/InitializeParticipant/${participant}`);
    const { stdout } = await lab.succeed(['logs', 'life', '--tail', '400']);
    expect(stdout).toContain('/InitializeParticipant/');
    expect(stdout).not.toContain(participant);
    expect(stdout).not.toContain('oforest-probe');
    expect(stdout).not.toMatch(/\b127\.0\.0\.1:\d+ - "GET \/login/);
  });

  it('comes back with its data after a stray docker stack rm', async () => {
    const participants = async () => {
      const db = await lab.docker(['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=life_db']);
      return await lab.docker([
        'exec',
        db.trim(),
        'psql',
        '-U',
        'postgres',
        '-d',
        'otree',
        '-Atc',
        'select code from otree_participant',
      ]);
    };
    const before = await participants();
    expect(before).not.toBe('');
    const password = (await lab.json(['admin', 'life'])).value.password;
    // Docker gives up on a network that a task of the trial has not left yet, and whoever typed it types it again.
    await until('the stack is removed', () => succeeds(lab.docker(['stack', 'rm', 'life'])));
    await until('the tasks are gone', async () => (await lab.docker(['ps', '-q', '--filter', 'name=life_'])) === '');
    await until('it is deployed again', async () => (await deploy(lab.bed.images['study:v1'])).exitCode === 0);
    expect(await participants()).toBe(before);
    expect((await lab.json(['admin', 'life'])).value.password).toBe(password);
    expect((await lab.get(host, '/login')).status).toBe(200);
  });
});

const succeeds = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

/** Makes a session inside the container, as the admin page would, and prints a participant's code. */
const createSession = `for f in /run/secrets/*; do export "$(basename $f)=$(cat $f)"; done
python3 - <<'PYTHON'
import json, os, urllib.request
def call(path, body):
    request = urllib.request.Request("http://127.0.0.1:%s/api/%s" % (os.environ["PORT"], path), json.dumps(body).encode(),
        {"otree-rest-key": os.environ["OTREE_REST_KEY"], "content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))
session = call("sessions", {"session_config_name": "survey", "num_participants": 1})
print(call("get_session/" + session["code"], {})["participants"][0]["code"])
PYTHON`;
