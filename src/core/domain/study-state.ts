/** How a study is, as every surface says it. Each value is shown by its word below. */
export const studyStates = ['running', 'starting', 'updating', 'going-back', 'failing', 'stopped', 'deleted'] as const;
export type StudyState = (typeof studyStates)[number];

/** What only the tasks of a study tell. A list reads services alone, however many there are: there it is running. */
export const toldByTasks = ['starting', 'failing'] as const;
export type ListedState = Exclude<StudyState, (typeof toldByTasks)[number]>;

/** The web service of a study. */
interface SeenWeb {
  readonly deleted: boolean;
  readonly stopped: boolean;
  /** Swarm's own word for where its update is; empty before the first. */
  readonly update: string;
}

export function listedStateOf({ deleted, stopped, update }: SeenWeb): ListedState {
  if (deleted) return 'deleted';
  if (stopped) return 'stopped';
  if (update === 'updating') return 'updating';
  return update.startsWith('rollback') && update !== 'rollback_completed' ? 'going-back' : 'running';
}

/** The same with the newest task of web, by Swarm's own word for its state and what Swarm says went wrong with it. */
export function studyStateOf({ task, error, ...web }: SeenWeb & { task: string; error: string }): StudyState {
  const listed = listedStateOf(web);
  if (isDown(listed) || task === 'running') return listed;
  if (error !== '') return 'failing';
  return listed === 'running' ? 'starting' : listed;
}

/** Off because somebody wanted it: nobody can be in a session. */
export function isDown(state: StudyState): boolean {
  return state === 'stopped' || state === 'deleted';
}

/** In a sentence: "my-exp is going back." */
export const wordOfState: Readonly<Record<StudyState, string>> = {
  running: 'running',
  starting: 'starting',
  updating: 'updating',
  'going-back': 'going back',
  failing: 'failing',
  stopped: 'stopped',
  deleted: 'deleted',
};
