import { type JobName, jobScripts } from '../../../src/core/database/scripts/job-scripts.ts';
import { postgresProgram } from '../../../src/sandbox/programs/postgres.ts';
import type { Volume } from '../../../src/sandbox/volumes/volume.ts';
import { Volumes } from '../../../src/sandbox/volumes/volumes.ts';
import { type StartedContainer, startContainer } from './a-container.ts';
import { type AStack, aStack, secrets } from './a-study.ts';

export interface JobLab extends AStack {
  readonly backups: Volume;
  /** Starts the job of a script. */
  begin(script: JobName, variables?: Readonly<Record<string, string>>): StartedContainer;
  /** Starts it and lets enough time pass; its last line as an object, and its exit code. */
  run(script: JobName, variables?: Readonly<Record<string, string>>): { exitCode: number | undefined; result: unknown };
}

const factsOf = { FACTS: '{"stack":"trust-game","reason":"asked"}' };

/** A study's database with two participants in it, and the jobs of an operation with epoch 1. */
export function aJobLab(): JobLab {
  const stack = aStack();
  const { timeline, neighbours, cluster } = stack;
  const study = cluster.find('otree');
  study.createTable('otree_session', { code: 'text' }).insert({ code: 'abc' });
  const participants = study.createTable('otree_participant', { code: 'text', label: 'text' });
  for (const code of ['one', 'two']) participants.insert({ code, label: null });
  const storage = new Volumes(() => timeline.now());
  const backups = storage.on('node', 'trust-game_backups');
  const files = Object.entries({ ...secrets, POSTGRES_PASSWORD: 'root' });
  const begin: JobLab['begin'] = (script, variables = {}) =>
    startContainer(postgresProgram, {
      timeline,
      storage,
      neighbours,
      clusters: new Map([['db', cluster]]),
      words: ['/bin/sh', '-c', jobScripts[script], 'oforest'],
      variables: {
        DATABASE_HOST: 'trust-game_db',
        OPERATION: 'op1',
        STEP: script,
        EPOCH: '1',
        ...factsOf,
        ...variables,
      },
      volumes: { '/backups': 'trust-game_backups', ...(script === 'empty' && { '/data': 'db' }) },
      files: Object.fromEntries(files.map(([name, value]) => [`/run/secrets/${name}`, value])),
    });
  return {
    ...stack,
    backups,
    begin,
    run(script, variables) {
      const job = begin(script, variables);
      timeline.advance(120_000);
      const [, text = 'null'] = /^oforest-result (.*)$/.exec(job.log.at(-1) ?? '') ?? [];
      return { exitCode: job.exitCode, result: JSON.parse(text) };
    },
  };
}
