import type { PostgresCluster } from '../../src/sandbox/database/postgres-cluster.ts';
import type { Study } from '../../src/sandbox/programs/otree-study.ts';
import { addSession } from '../../src/sandbox/programs/otree-tables.ts';
import type { Volume } from '../../src/sandbox/volumes/volume.ts';
import type { SandboxLab } from './sandbox-lab.ts';

/** The data of a study, seen from outside everything that oForest does. */
export function clusterOf({ sandbox }: Pick<SandboxLab, 'sandbox'>, stack: string): PostgresCluster {
  return sandbox.model.cluster(`${stack}_db`);
}

/** Rows of all tables of one of its databases; throws when there is none of that name. */
export function rowsIn(lab: Pick<SandboxLab, 'sandbox'>, stack: string, database = 'otree'): number {
  return Object.values(clusterOf(lab, stack).counts(database)).reduce((sum, rows) => sum + rows, 0);
}

export function backupsVolume({ sandbox }: Pick<SandboxLab, 'sandbox'>, stack: string): Volume {
  const [node] = [...sandbox.model.store.nodes.values()];
  return sandbox.model.volumes.on(node?.ID ?? '', `${stack}_backups`);
}

const study: Study = {
  title: 'Trust game',
  version: '6.0.15',
  note: '',
  apps: [{ name: 'trust', pages: [{ name: 'Send', title: 'Send', text: '' }] }],
  sessionConfigs: [{ name: 'trust', displayName: 'Trust', apps: ['trust'], demoParticipants: 2 }],
  rooms: [],
};

/** A session that everybody has finished, a day ago: rows that must not get lost, and nobody to disturb. */
export function playSession(
  lab: Pick<SandboxLab, 'sandbox'>,
  stack: string,
  { participants }: { participants: number },
) {
  const database = clusterOf(lab, stack).find('otree');
  const [config] = study.sessionConfigs;
  if (!config) throw new Error('the study has no session config');
  const created = Math.floor(lab.sandbox.timeline.now() / 1000) - 86_400;
  let drawn = 0;
  const random = (length: number) => {
    drawn += 1;
    return `${drawn}`.padStart(length, 'p');
  };
  const session = addSession(database, { study, config, participants, created, random });
  for (const row of database.table('otree_participant').rows)
    if (row.session_id === session.id)
      Object.assign(row, {
        visited: true,
        _index_in_pages: Number(row._max_page_index) + 1,
        _last_request_timestamp: created + 600,
        _last_page_timestamp: created + 600,
      });
}
