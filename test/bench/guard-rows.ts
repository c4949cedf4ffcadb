import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { openServer } from '../../src/core/open-server.ts';
import { glanceAtPeople } from '../../src/core/operations/guard/guard-participants.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { containerOf, type Lab } from '../e2e/support/lab.ts';
import { compare, report, seconds, times } from './table.ts';

const run = promisify(execFile);
const looks = 20;
const atOnce = 8;
const goalMs = 60;
const active = `SELECT count(*) FROM otree_participant WHERE visited AND _index_in_pages <= _max_page_index
  AND _last_request_timestamp > extract(epoch FROM now()) - 600`;

/** What it costs to know the people in the sessions of one experiment, over SSH: of 20 looks at one study, 8 at a time. */
export async function guardRows(lab: Lab, study: string): Promise<void> {
  const { ssh } = lab.bed;
  const container = await containerOf(lab, `${study}_db`);
  const words = ['-p', String(ssh.port), '-i', ssh.identityFile, '-o', `UserKnownHostsFile=${ssh.knownHostsFile}`];
  const typed = `docker exec ${container} psql -U study -d otree -c "${active}"`;
  const psql = () => run('ssh', [...words, '-o', 'IdentitiesOnly=yes', `${ssh.user}@${ssh.host}`, typed]);
  const theirs = await times(5, () => perLook(psql));

  const signal = new AbortController().signal;
  const environment = { home: lab.home, userName: ssh.user };
  await using server = await openServer({ name: 'lab', server: ssh }, { signal, environment });
  const observed = await observeStack(parseStackName(study), server);
  const look = async () => {
    const decision = await glanceAtPeople(observed, { swarm: server.swarm, clock: systemClock });
    if (decision.verdict === 'unreadable') throw new Error('the people of the study cannot be counted');
  };
  await look();
  const ours = await times(5, () => perLook(look));
  report('ssh docker exec psql, each of 20, 8 at once', theirs, 'ms');
  report('a glance at the people of an experiment, each of 20, 8 at once', ours, 'ms', goalMs);
  compare('  ratio', ours, theirs);
}

async function perLook(look: () => Promise<unknown>): Promise<number> {
  let left = looks;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await look();
    }
  };
  const taken = await seconds(() => Promise.all(Array.from({ length: atOnce }, worker)));
  return (taken * 1000) / looks;
}
