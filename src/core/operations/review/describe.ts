import type { Change } from '../../domain/change.ts';
import { counted } from '../../domain/counted.ts';
import type { ReleaseFit } from '../../domain/fit.ts';
import type { Notice, OperationEvent, OperationResult, StepId } from '../../domain/operation-event.ts';
import { asTyped } from '../../domain/stack-name.ts';
import type { PlatformChange } from '../platform/platform-changes.ts';
import type { HeldData } from './held-data.ts';

type Sentences = { [Kind in OperationEvent['kind']]: (event: Extract<OperationEvent, { kind: Kind }>) => string };

/** The one plain sentence for each event; surfaces add looks. */
const sentences: Sentences = {
  'operation-started': ({ verb, stack }) => `Running ${verb} on ${stack}.`,
  'step-started': ({ step }) => `${describeStep(step)}.`,
  'step-finished': ({ step, outcome }) => `${describeStep(step)}: ${outcomes[outcome]}.`,
  waiting: ({ on }) => `Waiting for ${on}.`,
  notice: ({ notice }) => describeNotice(notice),
  'release-recorded': ({ release }) => `This becomes v${release}.`,
  guarded: ({ people }) => people.sentence,
  'fit-checked': ({ sentences }) => sentences.join(' '),
  'backup-made': ({ backup, rows }) => `The backup ${backup} holds ${rows} rows, restored and compared.`,
  'data-switched': ({ archive }) => `The data was switched; what was there is kept as ${archive}.`,
  serving: ({ release, url, path }) =>
    `v${release} serves at ${url}${path === 'public' ? ' (asked by its public address)' : ''}.`,
  settled: ({ release, soakSeconds }) => `v${release} has run for ${soakSeconds} s without a crash.`,
  'operation-finished': ({ result }) => describeResult(result),
  'operation-failed': ({ error }) => `Failed: ${error.why ?? error.what}`,
};

/** "3 sessions with 126 participants", "no session". */
export function describeHeldData({ sessions, participants }: HeldData): string {
  return sessions === 0 ? 'no session' : `${counted(sessions, 'session')} with ${counted(participants, 'participant')}`;
}

export function describeEvent(event: OperationEvent): string {
  const sentence = sentences[event.kind] as (event: OperationEvent) => string;
  return sentence(event);
}

/** How an operation ended: "Done: my-exp runs v3." */
export function describeResult({ stack, state, release, until, archive }: OperationResult): string {
  const undo = archive === undefined ? '' : ` Its earlier data comes back with: oforest undo ${asTyped(stack)}`;
  switch (state) {
    case 'running':
      return `Done: ${stack} runs v${release}.${undo}`;
    case 'stopped':
      return `${stack} is stopped.${undo}`;
    case 'deleted':
      return `${stack} is deleted; until ${until?.slice(0, 10)} it can be brought back.`;
    case 'purged':
      return `${stack} is gone for good.`;
  }
}

const outcomes = { changed: 'done', unchanged: 'nothing to do', skipped: 'skipped' } as const;

const steps: Readonly<Record<StepId, string>> = {
  fence: 'Taking over from a run that was interrupted',
  'record-release': 'Writing the release down',
  'create-network': "Creating the study's own network",
  'store-secrets': 'Making its passwords and keys',
  'start-database': 'Starting its database',
  'try-image': 'Trying the image on its own',
  'check-fit': 'Comparing the image with the data',
  guard: 'Looking for people in a session',
  'keep-page-times': 'Saving the page times',
  dump: 'Dumping the database',
  'prove-upload': 'Restoring what was brought beside the data, to prove it',
  'verify-backup': 'Restoring the backup beside it, to prove it',
  'add-columns': 'Adding the missing columns',
  'create-database': 'Making an empty database',
  'fill-database': 'Restoring into it, and comparing',
  'copy-archive': 'Copying what was set aside, to compare it',
  'drop-copy': 'Removing the copy',
  'stop-web': 'Stopping oTree',
  'swap-databases': 'Switching the data',
  'reopen-database': 'Making sure that the database is open',
  'update-web': 'Starting oTree',
  prove: 'Proving from outside that it answers',
  settle: 'Watching it for late crashes',
  'record-proven': 'Recording that it works',
  'show-closed': 'Saying at its address that it is closed',
  'hide-closed': 'Taking back that it is closed',
  retire: 'Putting the study away',
  'stop-database': 'Stopping its database',
  'drop-data': 'Removing data that is not needed any more',
  'remove-study': 'Removing what is left of the study',
  audit: 'Writing down who did it',
  tidy: 'Tidying up',
  undo: 'Making sure that the earlier release serves',
};

export function describeStep(step: StepId): string {
  return steps[step];
}

export function describeNotice(notice: Notice): string {
  switch (notice.code) {
    case 'page-times-not-kept':
      return `Page times since the last export could not be saved: ${notice.why}`;
    case 'admin-login-not-checked':
      return `The admin login was not checked: ${notice.why}`;
    case 'export-paths-closed':
      return `oTree ${notice.otree} leaves ${notice.paths.join(' and ')} open to anyone; they are closed at the entry point.`;
    case 'closed-page-missing':
      return 'Its address shows an error instead of "This study is closed": run `oforest server prepare` once to add that page.';
    case 'people-interrupted':
      return `${notice.sentence} They are interrupted: ${notice.reason}`;
  }
}

/** Whether a new image fits the data, as far as it is known before its trial. */
export function describeKnownFit(fit: ReleaseFit | 'not-checked'): string {
  return knownFits[fit];
}

const knownFits: Readonly<Record<ReleaseFit | 'not-checked', string>> = {
  fits: 'Its tables and pages are those of the data.',
  'other-pages': 'Its pages are others than those of the data: the trial tells whom that would move.',
  'other-tables': 'Its tables are others than those of the data: the trial tells whether they fit.',
  'not-checked': 'Whether it fits the data is not checked yet: the trial does.',
};

/** "create the database (my-exp_db): the study has no database yet" */
export function describeChange({
  action,
  subject,
  name,
  because,
}: Pick<Change | PlatformChange, 'action' | 'subject' | 'name' | 'because'>): string {
  return `${action} ${subjects[subject](name)}: ${because}`;
}

const subjects: Readonly<Record<(Change | PlatformChange)['subject'], (name: string) => string>> = {
  network: (name) => `the network ${name}`,
  secret: (name) => `the secret ${name}`,
  db: (name) => `the database (${name})`,
  web: (name) => `oTree (${name})`,
  data: (name) => `the data of ${name}`,
  backup: (name) => `backups of ${name}`,
  study: (name) => `the study ${name}`,
  settings: (name) => `the settings of Traefik (${name})`,
  certificate: (name) => `the certificate (${name})`,
  key: (name) => `the key of the certificate (${name})`,
  traefik: (name) => `Traefik (${name})`,
  'closed-page': (name) => `the page for closed studies (${name})`,
  platform: (name) => name,
};
