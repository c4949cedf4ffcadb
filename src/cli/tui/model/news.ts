import type { Activity, ExperimentSummary } from '../../../core/index.ts';
import type { News } from './messages.ts';
import { askAnew, type Next, stay, withScreen } from './next.ts';
import { readWhatChanged, withBackups } from './screens/backups.ts';
import { watchStarted, withEvent } from './screens/progress.ts';
import { countOf, withReview } from './screens/review.ts';
import type { Study, StudyDetails, TuiState } from './state.ts';
import { topScreen } from './state.ts';

/** What the server tells, put where it is shown. News for a screen that was closed meanwhile is dropped. */
export function hear(state: TuiState, news: News): Next {
  switch (news.kind) {
    case 'linked':
      return stay({ ...state, link: news.link });
    case 'remembered':
      return stay(state.studies ? state : { ...state, studies: merge(news.studies, state), asOf: news.asOf });
    case 'compared': {
      const { activity } = news;
      const compared: TuiState = {
        ...state,
        studies: merge(news.studies, { ...state, activity }),
        activity,
        asOf: news.at,
        link: { kind: 'live' },
      };
      return readWhatChanged(compared, state.activity);
    }
    case 'people-seen': {
      const { stack, known } = news.people;
      const people = known ? countOf(news.people) : undefined;
      return stay({
        ...state,
        studies: state.studies?.map((study) => (study.stack === stack ? { ...study, people } : study)),
      });
    }
    case 'study-read': {
      const { stack, status, releases, people } = news;
      return stay({
        ...state,
        details: { ...state.details, [stack]: { status, releases, people: people?.sentence } },
      });
    }
    case 'study-unread': {
      const { stack, error } = news;
      const details = { ...(state.details[stack] ?? nothingRead), error };
      return stay({ ...state, details: { ...state.details, [stack]: details }, failure: error });
    }
    case 'backups-read':
      return stay(withBackups(state, news.stack, { kind: 'read', list: news.list }));
    case 'backups-unread':
      return stay(withBackups(state, news.stack, { kind: 'failed', error: news.error }));
    case 'checked':
      return stay({ ...state, serverLook: { isLooking: false, found: { ...news, kind: 'report', at: state.now } } });
    case 'unchecked':
      return stay({ ...state, serverLook: { isLooking: false, found: { ...news, kind: 'failed', at: state.now } } });
    case 'reviewed':
      return askAnew(state, { name: 'review', serial: news.serial }, (screen) =>
        withReview(screen, news.review, news.people),
      );
    case 'refused':
      return stay(
        withScreen(state, { name: 'review', serial: news.serial }, (screen) => ({
          ...screen,
          phase: { kind: 'refused', error: news.error },
          waitingFor: undefined,
        })),
      );
    case 'waiting':
      return stay(
        withScreen(state, { name: 'review', serial: news.serial }, (screen) => ({
          ...screen,
          waitingFor: news.sentence,
        })),
      );
    case 'started':
      return started(state, news);
    case 'event':
      return stay(
        withScreen(state, { name: 'progress', serial: news.serial }, (screen) => withEvent(screen, news.event)),
      );
    case 'said':
      return stay({ ...state, notice: news.text });
    case 'failed':
      return stay({ ...state, failure: news.error });
  }
}

const nothingRead: StudyDetails = { status: undefined, releases: [], people: undefined };

/** The window watches what it started, unless the person has gone on to something else. */
function started(state: TuiState, { serial, operation, where }: Extract<News, { kind: 'started' }>): Next {
  const top = topScreen(state);
  if (top.name !== 'review' || top.serial !== serial) return stay(state, { kind: 'look-again' });
  const { asked } = top;
  return watchStarted(state, { operation, stack: asked.study.stack, verb: asked.verb, where, asked });
}

/** The summaries with what is known beside them: people seen earlier stay until they are seen anew. */
function merge(
  summaries: readonly ExperimentSummary[],
  { studies, activity }: Pick<TuiState, 'studies' | 'activity'>,
): readonly Study[] {
  const before = new Map(studies?.map((study) => [study.stack, study]));
  return summaries.map((summary) => ({
    ...summary,
    people: summary.state === 'stopped' || summary.state === 'retired' ? undefined : before.get(summary.stack)?.people,
    busy: busyWith(summary.stack, activity),
  }));
}

function busyWith(stack: string, activity: readonly Activity[]): Study['busy'] {
  const running = activity.find((one) => one.stack === stack && one.endedAt === undefined && one.state !== 'stale');
  return running && { operation: running.operation, verb: running.verb, by: running.by };
}
