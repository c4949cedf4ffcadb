import type { Change } from '../domain/change.ts';
import type { Notice, OperationEvent, StepId } from '../domain/operation-event.ts';
import type { PlatformChange } from './platform-changes.ts';

type Sentences = { [Kind in OperationEvent['kind']]: (event: Extract<OperationEvent, { kind: Kind }>) => string };

/** The one plain sentence for each event; surfaces add looks. */
const sentences: Sentences = {
  'operation-started': ({ verb, stack }) => `Running ${verb} on ${stack}.`,
  'step-started': ({ step }) => `${describeStep(step)}.`,
  'step-finished': ({ step, outcome }) => `${describeStep(step)}: ${outcomes[outcome]}.`,
  waiting: ({ on }) => `Waiting for ${on}.`,
  notice: ({ notice }) => describeNotice(notice),
  'release-recorded': ({ release }) => `This becomes v${release}.`,
  serving: ({ release, url, path }) =>
    `v${release} serves at ${url}${path === 'public' ? ' (asked by its public address)' : ''}.`,
  settled: ({ release, soakSeconds }) => `v${release} has run for ${soakSeconds} s without a crash.`,
  'operation-finished': ({ result }) =>
    result.state === 'stopped' ? `${result.stack} is stopped.` : `Done: ${result.stack} runs v${result.release}.`,
  'operation-failed': ({ error }) => `Failed: ${error.why ?? error.what}`,
};

export function describeEvent(event: OperationEvent): string {
  const sentence = sentences[event.kind] as (event: OperationEvent) => string;
  return sentence(event);
}

const outcomes = { changed: 'done', unchanged: 'nothing to do', skipped: 'skipped' } as const;

const steps: Readonly<Record<StepId, string>> = {
  'record-release': 'Writing the release down',
  'create-network': "Creating the study's own network",
  'store-secrets': 'Making its passwords and keys',
  'start-database': 'Starting its database',
  'try-image': 'Trying the image beside the running study',
  'keep-page-times': 'Saving the page times',
  'update-web': 'Starting oTree',
  'stop-web': 'Stopping oTree',
  prove: 'Proving from outside that it answers',
  settle: 'Watching it for late crashes',
  'record-proven': 'Recording that it works',
  tidy: 'Tidying up',
  undo: 'Bringing the earlier release back',
};

export function describeStep(step: StepId): string {
  return steps[step];
}

function describeNotice(notice: Notice): string {
  switch (notice.code) {
    case 'page-times-not-kept':
      return `Page times since the last export could not be saved: ${notice.why}`;
    case 'admin-login-not-checked':
      return `The admin login was not checked: ${notice.why}`;
    case 'export-paths-closed':
      return `oTree ${notice.otree} leaves ${notice.paths.join(' and ')} open to anyone; they are closed at the entry point.`;
  }
}

/** "create network my-exp_default: the study needs …" */
export function describeChange({
  action,
  subject,
  name,
  because,
}: Pick<Change | PlatformChange, 'action' | 'subject' | 'name' | 'because'>): string {
  return `${action} ${subject} ${name}: ${because}`;
}
