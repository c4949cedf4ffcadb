import { type PeopleSeen, type PeopleTold, type Server, type StudyList, wordOfState } from '../../core/index.ts';
import { formatAge } from './format.ts';
import type { Answer } from './output.ts';
import { renderTable } from './table.ts';

/** All studies of a server; `text` is empty where there are none. */
export function listAnswer({ name }: Server, { experiments }: StudyList): Answer {
  const rows = experiments.map(({ stack, state, release, url, changedAt }) => [
    stack,
    wordOfState[state],
    `v${release}`,
    formatAge(changedAt),
    url,
  ]);
  return {
    json: { server: name, experiments },
    text: rows.length === 0 ? '' : renderTable(['STUDY', 'STATE', 'RELEASE', 'CHANGED', 'ADDRESS'], rows),
    rows,
  };
}

/** The list with a column more. */
export function listWithPeopleAnswer(
  { name }: Server,
  { experiments }: StudyList,
  seen: ReadonlyMap<string, PeopleSeen>,
): Answer {
  const rows = experiments.map(({ stack, state, release, url, changedAt }) => {
    const people = seen.get(stack);
    const shown = people?.known ? String(people.counts.onPage + people.counts.waiting + people.counts.inRoom) : '';
    return [stack, wordOfState[state], `v${release}`, shown, formatAge(changedAt), url];
  });
  const withPeople = experiments.map((experiment) => {
    const people = seen.get(experiment.stack);
    return { ...experiment, ...(people && { people: peopleInJson(people) }) };
  });
  return {
    json: { server: name, experiments: withPeople },
    text: rows.length === 0 ? '' : renderTable(['STUDY', 'STATE', 'RELEASE', 'PEOPLE', 'CHANGED', 'ADDRESS'], rows),
    rows,
  };
}

export function peopleInJson({ counts, sentence, known }: PeopleSeen): PeopleTold {
  return { ...counts, known, sentence };
}
