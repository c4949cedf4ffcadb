import { ExpectedError } from '../errors.ts';
import { type EnvironmentName, environmentSuffix } from './environment.ts';
import { type ExperimentName, parseExperimentName } from './experiment-name.ts';
import { quoteForPeople } from './terminal-text.ts';

declare const brand: unique symbol;
/** The experiment, and `--<suffix>` unless it is production: at most 38 characters. */
export type StackName = string & { readonly [brand]: 'StackName' };

const suffixPattern = /^(staging|r(-[a-z0-9]+)+)$/;

export function stackName(experiment: ExperimentName, environment: EnvironmentName): StackName {
  const suffix = environmentSuffix(environment);
  return (suffix === undefined ? experiment : `${experiment}--${suffix}`) as string as StackName;
}

/** Throws `name-invalid`. */
export function parseStackName(text: string): StackName {
  const [experiment = '', suffix, more] = text.length <= 38 ? text.split('--', 3) : [];
  const hasGoodSuffix = suffix === undefined || (suffix.length <= 12 && suffixPattern.test(suffix));
  if (experiment === '' || !hasGoodSuffix || more !== undefined)
    throw new ExpectedError('name-invalid', `reading the stack's name ${quoteForPeople(text)}`, {
      why: 'A stack is called like its experiment, my-exp, or my-exp--staging, or my-exp--r-branch.',
      now: 'Nothing was changed.',
      hint: 'Find its name with oforest list.',
    });
  parseExperimentName(experiment);
  return text as StackName;
}

/** How a person names the study on the command line: `my-exp`, `my-exp --env staging`. */
export function asTyped(stack: string): string {
  const [experiment = '', suffix] = stack.split('--');
  if (suffix === undefined) return experiment;
  return `${experiment} --env ${suffix === 'staging' ? suffix : 'review-BRANCH'}`;
}

/** What every object of a stack is called, inside Docker's limits: services 63, configs and secrets 64 characters. */
export function namesOf(stack: StackName) {
  return {
    web: `${stack}_web`,
    db: `${stack}_db`,
    trial: `${stack}_trial`,
    job: `${stack}_job`,
    look: (random10: string) => `${stack}_look-${random10}`,
    network: `${stack}_default`,
    dbVolume: `${stack}_db`,
    backupsVolume: `${stack}_backups`,
    lockRecord: `of.lock.${stack}`,
    secret: (random10: string) => `${stack}_${random10}`,
    releaseRecord: (number: number) => `of.rel.${stack}.${number}`,
    operationRecord: (id10: string) => `of.op.${stack}.${id10}`,
    bookingRecord: (id10: string) => `of.book.${stack}.${id10}`,
  };
}
