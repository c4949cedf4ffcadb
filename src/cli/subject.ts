import {
  parseEnvironment,
  parseExperimentName,
  type Server,
  type StackName,
  type Subject,
  stackName,
} from '../core/index.ts';
import type { CliContext, GlobalOptions } from './context.ts';

/** The study that a command line names: EXP and --env. */
export interface Study extends Subject {
  readonly stack: StackName;
}

/** Reads the name before it connects: a wrong word needs no server and no passphrase. */
export async function withStudy(
  name: string,
  context: CliContext,
  use: (server: Server, study: Study) => Promise<void>,
): Promise<void> {
  const study = parseStudy(name, context.options);
  await context.withServer((server) => use(server, study));
}

export function parseStudy(name: string, { env }: Pick<GlobalOptions, 'env'>): Study {
  const experiment = parseExperimentName(name);
  const environment = parseEnvironment(env);
  return { experiment, environment, stack: stackName(experiment, environment) };
}
