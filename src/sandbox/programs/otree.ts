import { PostgresCluster } from '../database/postgres-cluster.ts';
import { exportStudy } from './otree-export-script.ts';
import { type Ended, serveStudy } from './otree-process.ts';
import { scriptIn } from './otree-scripts.ts';
import type { Study } from './otree-study.ts';
import type { Container, Program, Running } from './program.ts';
import { shellProgram } from './shell.ts';

/** An image with an oTree project: our entry script starts it, or its own command does, with a database of its own. */
export function otreeProgram(study: Study): Program {
  return (container): Running & Ended => {
    if (study.fault === 'no-shell' && container.words.length > 0) return withoutShell(container);
    if (scriptIn(container.words) === 'entry') return serveStudy(study, container);
    if (scriptIn(container.words) === 'export') return exportStudy(study, container);
    if (container.words.length === 0) return serveStudy(study, withOwnDatabase(container));
    return shellProgram(container);
  };
}

function withoutShell(container: Container): Running & Ended {
  const { words } = container;
  container.exit(127);
  return {
    startError: `OCI runtime create failed: runc create failed: unable to start container process: exec: "${words[0]}": stat ${words[0]}: no such file or directory: unknown`,
  };
}

/** Without our variables oTree keeps its data in a file of the container, which goes with it. */
function withOwnDatabase(container: Container): Container {
  const cluster = new PostgresCluster(container.timeline);
  cluster.initialise({ superuser: 'study', password: '', database: 'otree' });
  return {
    ...container,
    variables: new Map([['PORT', '8000'], ...container.variables, ['DATABASE_ADDRESS', 'file:5432/otree']]),
    files: new Map([...container.files, ['/run/secrets/DATABASE_PASSWORD', Buffer.alloc(0)]]),
    postgres: (name) => (name === 'file' ? cluster : container.postgres(name)),
  };
}
