import {
  type EnvironmentName,
  type ExperimentName,
  parseEnvironment,
  parseExperimentName,
  type StackName,
  stackName,
} from '../core/index.ts';
import type { GlobalOptions } from './context.ts';

/** The study that a command line names: EXP and --env. */
export function parseSubject(
  name: string,
  { env }: Pick<GlobalOptions, 'env'>,
): { experiment: ExperimentName; environment: EnvironmentName; stack: StackName } {
  const experiment = parseExperimentName(name);
  const environment = parseEnvironment(env);
  return { experiment, environment, stack: stackName(experiment, environment) };
}
