import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageName, retag } from './bed/bed.ts';
import { failures, type Lab, openLab, runningTasks, watchFromOutside } from './support/lab.ts';
import { removeStack } from './support/remove-stack.ts';

interface BadSister {
  readonly image: ImageName;
  readonly code: string;
  /** In why or log: what a researcher needs to read. */
  readonly says: RegExp;
  readonly hint?: RegExp;
}

/** All of these are found before the running study is touched. */
const caughtByTrial: readonly BadSister[] = [
  { image: 'crash-import', code: 'image-crashed', says: /ValueError/ },
  {
    image: 'missing-package',
    code: 'image-crashed',
    says: /package "pandas"/,
    hint: /Add pandas to requirements\.txt/,
  },
  { image: 'never-healthy', code: 'image-unhealthy', says: /no answer on port 8000/ },
  { image: 'answers-500', code: 'image-unhealthy', says: /answers 500/ },
  { image: 'other-platform', code: 'image-platform-wrong', says: /linux\/arm64/ },
  { image: 'out-of-memory', code: 'memory-exhausted', says: /limit of 512 MB/ },
  { image: 'no-sh', code: 'image-lacks-shell', says: /no \/bin\/sh/ },
  { image: 'no-otree', code: 'image-lacks-otree', says: /no `otree` command/ },
  { image: 'no-settings', code: 'image-lacks-settings', says: /no settings\.py/ },
  { image: 'pg-app', code: 'image-crashed', says: /pg_/, hint: /Rename the app "pg"/ },
];

/** Dockerfiles that are odd and common: they have to run. */
const oddButGood: readonly ImageName[] = ['workdir-other-owner', 'user-root-workdir', 'own-entrypoint'];

describe('an image that does not work', () => {
  const host = 'sister.oforest.test';
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    for (const stack of ['sister', 'firstbad']) await removeStack(lab, stack);
    await lab.succeed(['deploy', 'sister', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it.each(caughtByTrial)(
    '$image: named, and not a request of the running study fails',
    async ({ image, code, says, hint }) => {
      const [task] = await runningTasks(lab, 'sister_web');
      const outside = watchFromOutside(lab, host);
      const { exitCode, value } = await lab.json(['deploy', 'sister', '--image', lab.bed.images[image]]);
      const visits = await outside.stop();

      expect({ exitCode, code: value.error?.code }).toEqual({ exitCode: 8, code });
      expect([value.error.why, ...(value.error.log ?? [])].join('\n')).toMatch(says);
      if (hint) expect(value.error.hint).toMatch(hint);
      expect(value.error.now).toContain('v1 serves');
      expect(failures(visits)).toEqual([]);
      expect(visits.length).toBeGreaterThan(0);
      expect(await runningTasks(lab, 'sister_web')).toEqual([task]);
      expect(await lab.docker(['service', 'ls', '--filter', 'name=sister_trial', '-q'])).toBe('');
    },
  );

  it('fails a first deployment with exit code 1: there is no earlier release', async () => {
    const { exitCode, value } = await lab.json(['deploy', 'firstbad', '--image', lab.bed.images['missing-package']]);
    expect({ exitCode, code: value.error.code }).toEqual({ exitCode: 1, code: 'image-crashed' });
    expect(value.error.log?.join('\n')).toContain('ModuleNotFoundError');
    expect(value.error.now).toContain('No release of firstbad serves');
    const good = await lab.json(['deploy', 'firstbad', '--image', lab.bed.images['study:v1']]);
    expect(good.value).toMatchObject({ ok: true, release: 2 });
  });

  it('takes back an image that crashes after 8 s, although Swarm alone may call it completed', async () => {
    const { exitCode, value } = await lab.json(['deploy', 'sister', '--image', lab.bed.images['crash-late']]);
    expect(exitCode).toBe(8);
    expect(value.error.code).toBe('image-crashed');
    expect(value.error.now).toMatch(/^v1 serves again/);
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('takes back a study whose settings.py opens it to anyone', async () => {
    const { exitCode, value } = await lab.json(['deploy', 'sister', '--image', lab.bed.images['auth-open']]);
    expect({ exitCode, code: value.error.code }).toEqual({ exitCode: 8, code: 'study-open' });
    expect(value.error.why).toContain('/ExportWide');
    expect(value.error.hint).toContain('AUTH_LEVEL');
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
    expect((await lab.get(host, '/ExportWide')).status).toBe(302);
  });

  it('runs what was reviewed when the tag is pushed again meanwhile', async () => {
    const moving = `${lab.bed.registry}/study:moving`;
    await retag('study:v2', 'moving');
    const planned = (await lab.json(['deploy', 'sister', '--image', moving, '--plan'])).value;
    expect(planned.plan).toHaveLength(1);
    const running = lab.json(['deploy', 'sister', '--image', moving]);
    await waitForRelease(lab);
    await retag('crash-import', 'moving');
    expect((await running).value).toMatchObject({ ok: true, state: 'running' });
    const { exitCode, value } = await lab.json(['deploy', 'sister', '--image', moving]);
    expect({ exitCode, code: value.error.code }).toEqual({ exitCode: 8, code: 'image-crashed' });
    expect((await lab.get(host, '/login')).status).toBe(200);
  });
});

describe('an odd Dockerfile', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it.each(oddButGood)('%s runs', async (image) => {
    const { exitCode, value } = await lab.json(['deploy', 'odd-one', '--image', lab.bed.images[image]]);
    expect(value).toMatchObject({ ok: true, state: 'running' });
    expect(exitCode).toBe(0);
  });
});

/** Until the operation has written its release: by then it works with the digest that was reviewed. */
async function waitForRelease(lab: Lab): Promise<void> {
  const applying = [
    'config',
    'ls',
    '-q',
    '--filter',
    'label=org.oforest.stack=sister',
    '--filter',
    'label=org.oforest.state=applying',
  ];
  for (let tries = 0; tries < 100; tries += 1) if ((await lab.docker(applying)) !== '') return;
  throw new Error('no release was recorded');
}
