import { ExpectedError } from '../errors.ts';
import { type EnvironmentName, environmentSuffix } from './environment.ts';
import type { ExperimentName } from './experiment-name.ts';

declare const brand: unique symbol;
export type StackName = string & { readonly [brand]: 'StackName' };

export function stackName(experiment: ExperimentName, environment: EnvironmentName): StackName {
  const suffix = environmentSuffix(environment);
  return (suffix === undefined ? experiment : `${experiment}--${suffix}`) as string as StackName;
}

export function parseStackName(text: string): StackName {
  if (text.length <= 38 && /^[a-z][a-z0-9]*(-{1,2}[a-z0-9]+)*$/.test(text)) return text as StackName;
  throw new ExpectedError('name-invalid', `reading the stack name ${JSON.stringify(text.slice(0, 60))}`);
}

export function namesOf(stack: StackName) {
  return {
    web: `${stack}_web`,
    db: `${stack}_db`,
    trial: `${stack}_trial`,
    network: `${stack}_default`,
    dbVolume: `${stack}_db`,
    backupsVolume: `${stack}_backups`,
    lockRecord: `of.lock.${stack}`,
    secret: (random10: string) => `${stack}_${random10}`,
    releaseRecord: (number: number) => `of.rel.${stack}.${number}`,
    operationRecord: (id10: string) => `of.op.${stack}.${id10}`,
  };
}
