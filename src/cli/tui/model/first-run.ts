import type { Activity } from '../../../core/index.ts';
import { sandboxName } from '../../sandbox/name.ts';
import { isRunning } from './screens/activity.ts';
import type { TuiState } from './state.ts';

/** What somebody who begins has said and done so far: it is there again the next time. No secret is in it. */
export interface FirstRun {
  /** Where they are with it, for as long as no server is set up. */
  readonly at: 'welcome' | 'connect' | 'sandbox';
  /** The form of the `connect` screen, as far as it was filled in. */
  readonly connect: ConnectAnswers;
  /** The form of the `prepare` screen. */
  readonly prepare: PrepareAnswers;
  readonly tour: Tour;
}

export interface ConnectAnswers {
  /** `oforest@swarm.lab.example.edu:2222` */
  readonly address: string;
  /** What the server is called from now on; empty for `lab`. */
  readonly name: string;
  /** Empty for what ssh would use. */
  readonly keyFile: string;
}

export const waysOfCertificates = ['acme', 'files', 'none'] as const;

export interface PrepareAnswers {
  readonly domain: string;
  readonly certificates: (typeof waysOfCertificates)[number];
  /** Of the account at Let's Encrypt. */
  readonly email: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Empty for what oForest takes by itself, from Docker Hub. */
  readonly traefikImage: string;
  readonly postgresImage: string;
}

/** What there is to try on the sandbox, one thing after the other. */
export interface Tour {
  /** Unix ms of the first visit; what was done there before is not the person's. */
  readonly since: number | undefined;
  readonly done: readonly TourStep[];
  readonly isHidden: boolean;
}

export const tourSteps = ['deploy', 'watch', 'rollback', 'reset', 'undo'] as const;
export type TourStep = (typeof tourSteps)[number];

export const noFirstRun: FirstRun = {
  at: 'welcome',
  connect: { address: '', name: '', keyFile: '' },
  prepare: {
    ...{ domain: '', certificates: 'acme', email: '', certificateFile: '', keyFile: '' },
    ...{ traefikImage: '', postgresImage: '' },
  },
  tour: { since: undefined, done: [], isHidden: false },
};

/** The name under which it is saved. */
export function serverNameOf({ name }: ConnectAnswers): string {
  return name || 'lab';
}

/** What is kept of it. */
export function firstRunOf({ firstRun, screens, server }: TuiState): FirstRun {
  if (server === sandboxName) return { ...firstRun, at: 'sandbox' };
  return { ...firstRun, at: screens.some(({ name }) => name === 'connect') ? 'connect' : 'welcome' };
}

/** What to try next; undefined where this is no sandbox, or all of it was tried, or nobody wants to know. */
export function nextOfTour({ server, firstRun: { tour } }: TuiState): TourStep | undefined {
  if (server !== sandboxName || tour.isHidden) return undefined;
  return tourSteps.find((step) => !tour.done.includes(step));
}

/** The tour after a look at what was done; from a shell counts as well. */
export function withTourSteps(state: TuiState, activity: readonly Activity[]): TuiState {
  const { firstRun, server, now } = state;
  if (server !== sandboxName) return state;
  const since = firstRun.tour.since ?? now;
  const theirs = activity.filter(({ startedAt }) => Date.parse(startedAt) >= since);
  const { tour } = firstRun;
  const done = tourSteps.filter((step) => tour.done.includes(step) || theirs.some((one) => isStep(step, one)));
  if (done.length === tour.done.length && since === tour.since) return state;
  return { ...state, firstRun: { ...firstRun, tour: { ...tour, since, done } } };
}

function isStep(step: TourStep, activity: Activity): boolean {
  if (step === 'deploy') return activity.verb === 'deploy';
  const verb = step === 'watch' ? 'deploy' : step;
  return activity.verb === verb && !isRunning(activity);
}

/** Key that hides the tour, and shows it again. */
export const hidingTour = 'H';

/** Hides what there is to try, or shows it again. */
export function toggleTour(state: TuiState): TuiState {
  const { firstRun } = state;
  const { tour } = firstRun;
  return { ...state, firstRun: { ...firstRun, tour: { ...tour, isHidden: !tour.isHidden } } };
}
