import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import type { Server } from '../../../src/core/open-server.ts';
import { holderOf } from '../../../src/core/records/lock.ts';
import { endStates } from '../../../src/core/records/operation-record.ts';
import { observeStack } from '../../../src/core/swarm/observe-stack.ts';
import type { Lab } from './lab.ts';
import { openPlayers } from './players.ts';
import { until } from './until.ts';

/** A study on the bed with a session that people have played: data that must not get lost. */
export interface PlayedStudy {
  readonly stack: string;
  /** A new session with answers; what is played stays the same from then on. */
  play(): Promise<void>;
  /** The databases that hold the played session in full. */
  databasesWithData(): Promise<readonly string[]>;
  /** Against what must hold after whatever happened; empty when nothing is wrong. */
  whatIsWrong(): Promise<readonly string[]>;
}

interface Database {
  readonly name: string;
  readonly isOpen: boolean;
}

/** The answers of one session, each with who gave it. */
const answersOf = (session: string) => `
SELECT string_agg(p.code || ' ' || coalesce(s.age::text, '-') || ' ' || coalesce(s.field_of_study, '-'), ',' ORDER BY p.code)
FROM otree_participant p JOIN survey_player s ON s.participant_id = p.id JOIN otree_session o ON o.id = p.session_id
WHERE o.code = '${session}'`;

export function playedStudy(stack: string, lab: Lab, server: Server): PlayedStudy {
  let session = '';
  let played = '';

  async function psql(user: string, database: string, statement: string): Promise<string> {
    const filter = `label=com.docker.swarm.service.name=${stack}_db`;
    const container = (await lab.docker(['ps', '-q', '--filter', filter])).trim();
    const words = ['exec', container, 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-U', user, '-d', database];
    return (await lab.docker([...words, '-c', statement])).trim();
  }
  const asSuperuser = (statement: string) => psql('postgres', 'postgres', statement);

  async function databases(): Promise<readonly Database[]> {
    const lines = await asSuperuser(
      "SELECT datname, datallowconn FROM pg_database WHERE datname ~ '^otree' ORDER BY 1",
    );
    return lines.split('\n').map((line) => {
      const [name = '', open] = line.split('|');
      return { name, isOpen: open === 't' };
    });
  }

  /** One that was set aside is the superuser's and closed: it is opened for the look alone. */
  async function holdsAll({ name, isOpen }: Database): Promise<boolean> {
    const allow = (yes: boolean) => asSuperuser(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS ${yes}`);
    if (!isOpen) await allow(true);
    try {
      return played !== '' && (await psql('postgres', name, answersOf(session))) === played;
    } finally {
      if (!isOpen) await allow(false);
    }
  }

  const withData = async () => {
    const found: string[] = [];
    for (const database of await databases())
      if (/^otree($|_old_)/.test(database.name) && (await holdsAll(database))) found.push(database.name);
    return found;
  };

  return {
    stack,
    databasesWithData: withData,
    async play() {
      await using players = await openPlayers(lab, stack);
      const { code, links } = await players.createSession('survey', 4);
      for (const [index, link] of links.entries()) {
        const questions = await players.open(link);
        if (index < 3) await questions.answer({ age: String(30 + index), field_of_study: 'law' });
      }
      session = code;
      played = await psql('study', 'otree', answersOf(session));
      if (played.match(/ law/g)?.length !== 3) throw new Error(`the session of ${stack} was not played: ${played}`);
    },
    async whatIsWrong() {
      const wrong: string[] = [];
      const { lock, operations, job, trial, web } = await observeStack(parseStackName(stack), server);
      for (const { request, state } of operations)
        if (!endStates.includes(state)) wrong.push(`${request.verb} ${request.id} is ${state}`);
      if (lock && holderOf(lock)) wrong.push('the lock is held');
      if (job) wrong.push('a job is left');
      if (trial) wrong.push('a trial is left');
      const all = await databases();
      const live = all.filter(({ name }) => name === 'otree');
      if (live.length !== 1 || !live[0]?.isOpen) wrong.push(`live are ${JSON.stringify(live)}`);
      for (const { name, isOpen } of all) {
        if (/^otree_(new_|check)/.test(name)) wrong.push(`${name} is left`);
        if (name.startsWith('otree_old_') && isOpen) wrong.push(`${name} accepts connections`);
      }
      if ((await psql('study', 'otree', 'SELECT count(*) >= 0 FROM otree_participant')) !== 't')
        wrong.push('the live database has no participants table');
      if ((await withData()).length === 0) wrong.push(`the played session is in none of ${JSON.stringify(all)}`);
      const release = web?.Spec.Labels['org.oforest.release'];
      const answers = async () => {
        const { status, release: shown } = await lab.get(`${stack}.${lab.bed.domain}`, '/login');
        return status === 200 && shown === `v${release}`;
      };
      await until(`${stack} answers as v${release}`, answers).catch((error) => wrong.push(error.message));
      return wrong;
    },
  };
}
