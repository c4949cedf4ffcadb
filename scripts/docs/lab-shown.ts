/** The lab that the pictures show: a few experiments, and what happens to one of them. */
import type { ErrorFacts, OperationEvent, Review, ServerCheck } from '../../src/core/index.ts';
import { aBackup } from '../../test/cli/tui/support/backups.ts';
import { aRelease, aStudy, someNow } from '../../test/cli/tui/support/states.ts';

const minutesAgo = (minutes: number) => new Date(someNow - minutes * 60_000).toISOString();
const day = 24 * 60;

export const registry = 'registry.example.edu/lab';
const onLab = (experiment: string, more: Parameters<typeof aStudy>[0]) =>
  aStudy({
    experiment,
    url: `https://${experiment}.lab.example.edu`,
    image: `${registry}/${experiment}:v${more?.release ?? 1}`,
    owner: 'anna@office',
    people: 0,
    ...more,
  });
export const trust = onLab('trust-game', {
  release: 3,
  changedAt: minutesAgo(2 * day),
  people: 24,
  owner: 'ada@laptop',
});
export const studies = [
  onLab('beauty-contest', { release: 1, changedAt: minutesAgo(40 * day), state: 'stopped', people: undefined }),
  onLab('dictator-pilot', { release: 9, changedAt: minutesAgo(5 * day) }),
  onLab('public-goods', {
    ...{ release: 14, changedAt: minutesAgo(3 * 60), people: 8 },
    busy: { operation: 'op00000007', verb: 'backup', by: 'anna@office' },
  }),
  trust,
  onLab('ultimatum', { release: 2, changedAt: minutesAgo(12 * day) }),
];

export const releases = [
  aRelease(3, { serving: true, author: 'ada', createdAt: trust.changedAt }),
  aRelease(2, { author: 'ada', createdAt: minutesAgo(9 * day), fits: 'fits' }),
  aRelease(1, { author: 'anna', createdAt: minutesAgo(30 * day), fits: 'other-pages' }),
].map((release) => ({ ...release, image: `${registry}/trust-game:v${release.release}` }));

export const inSession = (onPage: number) => ({ onPage, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 });

type WithoutFrame<Event> = Event extends unknown ? Omit<Event, 'at' | 'operation'> : never;
export type Told = WithoutFrame<OperationEvent>;

export const crash: ErrorFacts = {
  code: 'image-crashed',
  what: 'trying v4 of trust-game beside the running study',
  why: "oTree crashed: ModuleNotFoundError: No module named 'numpy'",
  now: 'v3 serves at https://trust-game.lab.example.edu, untouched.',
  hint: 'Add numpy to requirements.txt, build the image again and deploy that.',
  log: [
    '  File "/app/trust_game/__init__.py", line 2',
    '    import numpy',
    "ModuleNotFoundError: No module named 'numpy'",
  ],
};

export const reviewOfV4: Partial<Review> = {
  fit: 'not-checked',
  plan: [
    {
      ...{ action: 'update', subject: 'web', name: 'trust-game_web', interrupts: true },
      because: `the image changes to ${registry}/trust-game:v4 (69115b12ff0e)`,
    },
  ],
};

export const beginningOfV4: Told = {
  kind: 'operation-started',
  verb: 'deploy',
  stack: 'trust-game',
  steps: [
    ...(['record-release', 'create-network', 'store-secrets', 'start-database', 'try-image', 'guard'] as const),
    ...(['keep-page-times', 'update-web', 'prove', 'hide-closed', 'settle', 'record-proven', 'tidy'] as const),
  ],
};

export const trialOfV4: readonly Told[] = [
  { kind: 'step-started', step: 'record-release' },
  { kind: 'release-recorded', release: 4 },
  { kind: 'step-finished', step: 'record-release', outcome: 'changed' },
  ...(['create-network', 'store-secrets', 'start-database'] as const).map(
    (step): Told => ({ kind: 'step-finished', step, outcome: 'unchanged' }),
  ),
  { kind: 'step-started', step: 'try-image' },
  { kind: 'fit-checked', verdict: 'fits', sentences: ['It fits the data.'] },
  { kind: 'step-finished', step: 'try-image', outcome: 'changed' },
  { kind: 'step-started', step: 'guard' },
  { kind: 'guarded', people: { ...inSession(0), known: true, sentence: 'Nobody is in a session.' } },
  { kind: 'step-finished', step: 'guard', outcome: 'changed' },
  ...(['keep-page-times', 'update-web'] as const).flatMap((step): Told[] => [
    { kind: 'step-started', step },
    { kind: 'step-finished', step, outcome: 'changed' },
  ]),
];

/** Before it was told. */
export function secondsBefore(event: Told): number {
  if (event.kind === 'operation-failed') return 4;
  const isDone = event.kind === 'step-finished' && event.outcome === 'changed';
  return isDone ? (secondsOf[event.step] ?? 1) : 0;
}

const secondsOf: Partial<Record<string, number>> = { 'try-image': 6, 'update-web': 4 };

export const trustBackups = {
  archives: [],
  freeBytes: 43_000_000_000,
  backups: [3 * 60, day + 3 * 60, 2 * day - 60, 2 * day + 3 * 60, 3 * day + 3 * 60].map((minutes, index) => {
    const takenAt = minutesAgo(minutes);
    const reason = index === 2 ? 'restore' : 'nightly';
    return aBackup({
      ...{ id: `${takenAt.replace(/[-:]|\.\d+/g, '')}-abcde1234${index}`, takenAt, verifiedAt: takenAt, reason },
      ...{ rows: 4_812 - index * 417, bytes: 2_200_000 - index * 180_000 },
    });
  }),
};

export const checks: readonly ServerCheck[] = [
  { name: 'docker', outcome: 'ok', sentence: 'Docker 29.1, asked with API 1.52.' },
  { name: 'clock', outcome: 'ok', sentence: "Its clock agrees with this computer's." },
  { name: 'swarm', outcome: 'ok', sentence: '3 nodes, ready.' },
  { name: 'platform', outcome: 'ok', sentence: 'Prepared on 2026-09-01 for *.lab.example.edu.' },
  { name: 'traefik', outcome: 'ok', sentence: 'Traefik runs on lab-1, since 2026-09-01 09:12 UTC.' },
  {
    ...{ name: 'closed-page', outcome: 'warning' },
    sentence: 'The page for closed studies is missing: links of stopped and deleted studies answer 404.',
    hint: 'Run `oforest server prepare lab` again.',
  },
  { name: 'https', outcome: 'ok', sentence: 'HTTPS answers on port 443.' },
];

export const noRoute: ErrorFacts = {
  code: 'host-unreachable',
  what: 'connecting to lab',
  why: 'There was no answer from port 22.',
};
