import { noFirstRun } from '../../src/cli/tui/model/first-run.ts';
import { nowhere } from '../../src/cli/tui/model/initial-state.ts';
import type { TuiState } from '../../src/cli/tui/model/state.ts';
import { frameOf } from '../../src/cli/tui/view/frame.ts';
import type { Change, OperationEvent } from '../../src/core/index.ts';
import { aLine } from '../../test/cli/tui/support/logs.ts';
import { aTuiState, someNow } from '../../test/cli/tui/support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../../test/cli/tui/support/walk.ts';
import { reviewed } from '../../test/cli/tui/support/walk-reviews.ts';
import {
  beginningOfV4,
  checks,
  crash,
  inSession,
  noRoute,
  releases,
  reviewOfV4,
  secondsBefore,
  studies,
  type Told,
  trialOfV4,
  trust,
  trustBackups,
} from './lab-shown.ts';
import { pictureOf } from './picture.ts';

interface Picture {
  /** What is to be seen on it. */
  readonly title: string;
  readonly state: () => TuiState;
}

/** By the names of their files. */
const pictures: Readonly<Record<string, Picture>> = {
  welcome: { title: 'Where to begin', state: () => nowhere({ size: normal, now: someNow, firstRun: noFirstRun }) },
  experiments: {
    title: 'The list of experiments, with the one under the cursor beside it',
    state: () => list({ columns: 116, rows: 24 }).press('Down', 'Down', 'Down').state,
  },
  study: {
    title: 'The menu of one experiment, with what is known of it',
    state: () => readStudy(atTrust().press('Enter')).state,
  },
  image: {
    title: 'Choosing the image to deploy',
    state: () => readStudy(atTrust().press('d')).press('Down', 'Down').state,
  },
  review: {
    title: 'A review: 24 people are on a page, and waiting for them is the first choice',
    state: () => reviewedDeploy({ people: 24 }).state,
  },
  progress: {
    title: 'A deployment, step by step',
    state: () => hear(deploying(), beginningOfV4, ...trialOfV4, { kind: 'step-started', step: 'prove' }).state,
  },
  failure: {
    title: 'A deployment that failed, with the reason and what to do',
    state: () =>
      hear(
        deploying(),
        { kind: 'step-started', step: 'record-release' },
        { kind: 'release-recorded', release: 4 },
        { kind: 'step-finished', step: 'record-release', outcome: 'changed' },
        { kind: 'step-started', step: 'try-image' },
        { kind: 'operation-failed', error: crash },
      ).state,
  },
  reset: {
    title: 'A review of what erases data: it wants the name of the experiment',
    state: () => resetting().press(...'trust-').state,
  },
  logs: { title: 'The logs of an experiment, stopped at an error', state: () => readLogs().press('e').state },
  backups: {
    title: 'The backups of an experiment',
    state: () => {
      const opened = atTrust().press('v');
      return opened.hear({ kind: 'backups-read', stack: 'trust-game', list: trustBackups }).press('Down').state;
    },
  },
  check: {
    title: 'The check of the server: one thing to look at, and what to do about it',
    state: () =>
      list(normal)
        .press('4')
        .hear({ kind: 'checked', report: { outcome: 'warning', checks } })
        .press('S').state,
  },
  offline: {
    title: 'The list while the server cannot be reached',
    state: () =>
      walkFrom({ ...list(normal).state, asOf: someNow - 150_000 }).hear({
        kind: 'linked',
        link: { kind: 'offline', since: someNow - 140_000, error: noRoute, nextTryAt: someNow + 8_000 },
      }).state,
  },
};

/** The files of docs/pictures, by name. Ages and times are those of one moment, in UTC. */
export function pictureFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(pictures).map(([name, { title, state }]) => [
      `${name}.svg`,
      pictureOf(frameOf(state(), { ascii: false }), title),
    ]),
  );
}

const normal = { columns: 80, rows: 24 };
function list(size: { columns: number; rows: number }, { people = 24 } = {}): Walk {
  const shown = studies.map((study) => (study === trust ? { ...study, people } : study));
  return walkFrom(aTuiState({ server: 'lab', size, studies: shown }));
}

function atTrust({ size = normal, people = 24 } = {}): Walk {
  return list(size, { people }).press('/', ...'trust', 'Enter');
}

function readStudy(walk: Walk): Walk {
  const part = { since: trust.changedAt, task: 'running', taskId: 't1', node: 'lab-1', error: '' };
  return walk.hear({
    kind: 'study-read',
    stack: 'trust-game',
    status: {
      ...{ stack: 'trust-game', state: 'running', until: undefined, release: 3, url: trust.url, image: trust.image },
      parts: [
        { ...part, part: 'web', service: 'trust-game_web' },
        { ...part, part: 'db', service: 'trust-game_db' },
      ],
      ...{ variables: [], secrets: [], operation: undefined, lastOperation: undefined },
    },
    releases,
    people: { stack: 'trust-game', counts: inSession(24), sentence: '24 people are on a page.', known: true },
  });
}

function reviewedDeploy({ people }: { people: number }): Walk {
  const asked = atTrust({ people }).press('d', ...Array.from({ length: 2 }, () => 'Backspace'), ...'v4', 'Enter');
  return reviewed(asked, { people, review: reviewOfV4 });
}

function deploying(): Walk {
  const asked = reviewedDeploy({ people: 0 }).press('Enter');
  const { serial } = effectsOf(asked, 'start').at(-1) ?? { serial: 0 };
  return asked.hear({ kind: 'started', serial, operation: 'op00000042', where: 'keeper' });
}

/** What the operation tells, up to 2 s ago. */
function hear(walk: Walk, ...told: readonly Told[]): Walk {
  const { serial } = effectsOf(walk, 'follow').at(-1) ?? { serial: 0 };
  const left = (index: number) => told.slice(index + 1).reduce((sum, event) => sum + secondsBefore(event), 2);
  return walk.hear(
    ...told.map((event, index) => {
      const at = new Date(someNow - left(index) * 1_000).toISOString();
      return { kind: 'event', serial, event: { ...event, at, operation: 'op00000042' } as OperationEvent } as const;
    }),
  );
}

function resetting(): Walk {
  const change = (action: Change['action'], subject: Change['subject'], name: string, because: string): Change => ({
    ...{ action, subject, name, because },
    interrupts: action !== 'back up',
  });
  const plan = [
    change('back up', 'data', 'trust-game', 'nothing is set aside without a proven copy'),
    change('empty', 'data', 'trust-game', 'you asked for it; what is there is kept for 14 days, `undo` brings it back'),
    change('restart', 'web', 'trust-game_web', 'oTree keeps what it read in memory'),
  ];
  return reviewed(atTrust({ people: 0 }).press('Enter', 'R'), { review: { plan, work: { kind: 'reset' } } });
}

function readLogs(): Walk {
  const opened = atTrust({ size: { columns: 100, rows: 24 } }).press('l');
  const { serial } = effectsOf(opened, 'follow-log').at(-1) ?? { serial: 0 };
  const page = (name: string, round: number) =>
    `INFO:     ‹address› - "POST /p/‹code›/trust/${name}/${round} HTTP/1.1" 302 Found`;
  const error = (text: string, second: number) => aLine(text, { stream: 'stderr', second });
  return opened.hear(
    ...(['web', 'db'] as const).map(
      (part) => ({ kind: 'log-feed', serial, part, feed: { kind: 'following' } }) as const,
    ),
    {
      kind: 'log-lines',
      serial,
      lines: [
        aLine('LOG:  checkpoint starting: time', { part: 'db', second: -70 }),
        ...Array.from({ length: 8 }, (_, index) => aLine(page('Send', 2 + index), { second: index * 3 - 60 })),
        error('Traceback (most recent call last):', -31),
        error('  File "/app/trust/__init__.py", line 41, in set_payoffs', -31),
        error('    player.payoff = group.sent_amount * multiplier', -31),
        error("NameError: name 'multiplier' is not defined", -31),
        ...Array.from({ length: 8 }, (_, index) => aLine(page('SendBack', 10 + index), { second: index * 3 - 28 })),
        aLine('LOG:  checkpoint complete: wrote 41 buffers (0.3%)', { part: 'db', second: -2 }),
      ],
    },
  );
}
