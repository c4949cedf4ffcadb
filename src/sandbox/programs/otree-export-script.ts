import { createHash } from 'node:crypto';
import { PostgresError } from '../database/postgres-error.ts';
import { openConnection } from './otree-connection.ts';
import { ofApp, storedPageTimes, wide } from './otree-export.ts';
import type { Study } from './otree-study.ts';
import type { Container, Running } from './program.ts';

const folder = '/tmp/oforest-export';
const startMs = 1_500;
const ofPeople = /^participant\.label$/;

/** `exportScript`: writes the data as files of its container and holds them. */
export function exportStudy(study: Study, container: Container): Running {
  const { timeline, variables } = container;
  const cancel = timeline.after(container.resumed ? 0 : startMs, () => {
    if (!container.resumed) writeFiles(study, container);
  });
  const cancelEnd = timeline.after(startMs + Number(variables.get('HOLD_SECONDS')) * 1000, () => container.exit(0));
  return {
    terminate: () => container.exit(0),
    end() {
      cancel();
      cancelEnd();
    },
  };
}

function writeFiles(study: Study, container: Container): void {
  const { variables, timeline } = container;
  const index = {
    otree: study.version,
    takenAt: `${new Date(timeline.now()).toISOString().slice(0, 19)}Z`,
    files: [] as object[],
    failed: [] as object[],
  };
  try {
    for (const { name, text, hasPeople } of filesOf(study, container)) {
      const shown = variables.get('ANONYMOUS') && hasPeople ? withoutPeople(text) : text;
      const bytes = Buffer.from(`${variables.get('EXCEL') ? '\ufeff' : ''}${shown}`);
      container.keep(`${folder}/${name}`, bytes);
      const rows = Math.max(0, shown.split('\r\n').filter(Boolean).length - 1);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      index.files.push({ name, rows, bytes: bytes.length, sha256 });
    }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    Object.assign(index, { stopped: { error: 'OperationalError', at: 'otree/database.py:291' } });
  }
  container.keep(`${folder}/index.json`, Buffer.from(JSON.stringify(index)));
}

function filesOf(study: Study, container: Container) {
  const password = container.files.get('/run/secrets/DATABASE_PASSWORD')?.toString() ?? '';
  const database = openConnection(container, password, () => undefined).look('otree');
  const stored = { study, database: () => database };
  const isPlayed = ({ name }: { name: string }) => study.sessionConfigs.some(({ apps }) => apps.includes(name));
  const sessions = container.variables.get('PER_SESSION') ? database.table('otree_session').rows : [];
  return [
    { name: 'wide.csv', text: wide(stored), hasPeople: true },
    ...study.apps.filter(isPlayed).map((app) => ({
      name: `app-${app.name}.csv`,
      text: ofApp(stored, app),
      hasPeople: true,
    })),
    { name: 'page-times.csv', text: storedPageTimes(stored), hasPeople: false },
    ...sessions.map(({ code }) => ({
      name: `session-${code}.csv`,
      text: wide(stored, String(code)),
      hasPeople: true,
    })),
  ];
}

/** The sample studies write no line breaks into cells. */
function withoutPeople(text: string): string {
  const rows = text.split('\r\n').map((line) => line.match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^,]*)/g) ?? []);
  const kept = rows[0]?.map((name) => !ofPeople.test(name)) ?? [];
  return rows.map((cells) => cells.filter((_cell, at) => kept[at]).join(',')).join('\r\n');
}
