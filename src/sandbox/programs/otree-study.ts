import type { ColumnType } from '../database/table.ts';

/** What is wrong with the image of a study; the names are also the tags of `samples/broken`. */
export const studyFaults = [
  'crash-at-import',
  'crash-late',
  'never-healthy',
  'answers-500',
  'missing-package',
  'auth-level-open',
  'no-otree',
  'no-settings',
  'no-shell',
  'table-named-pg',
  'out-of-memory',
  'admin-password-fixed',
] as const;
export type StudyFault = (typeof studyFaults)[number];

/** An oTree project, as far as the sandbox runs it. */
export interface Study {
  readonly title: string;
  /** oTree's: `6.0.15`. */
  readonly version: string;
  readonly apps: readonly StudyApp[];
  readonly sessionConfigs: readonly SessionConfig[];
  readonly rooms: readonly Room[];
  /** Shown on every page, so that one release is told from the next. */
  readonly note: string;
  readonly fault?: StudyFault;
  /** The import name that is missing with the fault `missing-package`. */
  readonly packageName?: string;
}

export interface StudyApp {
  /** Also its name in addresses and tables. */
  readonly name: string;
  readonly rounds?: number;
  readonly pages: readonly StudyPage[];
  /** Columns of its players besides the answers to the questions. */
  readonly columns?: Readonly<Record<string, ColumnType>>;
}

export interface StudyPage {
  /** `Introduction`: the name of its class. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly question?: Question;
  readonly timeoutSeconds?: number;
  /** Goes on once everybody of the session has come so far. */
  readonly waits?: boolean;
}

export interface Question {
  readonly field: string;
  readonly label: string;
  /** Whole numbers from min to max; a text without them. */
  readonly min?: number;
  readonly max?: number;
}

export interface SessionConfig {
  readonly name: string;
  readonly displayName: string;
  readonly apps: readonly string[];
  readonly demoParticipants: number;
}

export interface Room {
  readonly name: string;
  readonly displayName: string;
}

/** A page in its place: the index counts all pages of a session from 1. */
export interface PlacedPage {
  readonly index: number;
  readonly app: StudyApp;
  readonly round: number;
  readonly page: StudyPage;
}

/** All pages that a participant of these apps sees, in their order; apps that the study has not (any more) have none. */
export function pagesOf(study: Study, appNames: readonly string[]): readonly PlacedPage[] {
  const pages: Omit<PlacedPage, 'index'>[] = [];
  for (const name of appNames) {
    const app = study.apps.find((one) => one.name === name);
    if (!app) continue;
    for (let round = 1; round <= (app.rounds ?? 1); round += 1)
      for (const page of app.pages) pages.push({ app, round, page });
  }
  return pages.map((page, at) => ({ ...page, index: at + 1 }));
}

export function playerColumns({ pages, columns = {} }: StudyApp): Record<string, ColumnType> {
  const answers = pages.flatMap(({ question }): [string, ColumnType][] =>
    question ? [[question.field, question.max === undefined ? 'text' : 'integer']] : [],
  );
  return { ...Object.fromEntries(answers), ...columns };
}
