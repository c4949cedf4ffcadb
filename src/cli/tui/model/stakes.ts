import {
  archiveDays,
  asTyped,
  describeActor,
  describeHeldData,
  disturbanceOfPlan,
  nounOfVerb,
  type PeopleSeen,
  type Review,
} from '../../../core/index.ts';
import type { Asked } from './effects.ts';
import { workOn } from './verbs.ts';

/** What goes and what stays, name by name, where a review is about data or a whole study; empty for any other. */
export function stakesOf({ stack, work, serving, held }: Review): readonly (readonly [string, string])[] {
  const program = serving === undefined ? 'the program' : `the program (v${serving})`;
  const backup = ['Backup', 'taken and proven first. If that fails, nothing is touched.'] as const;
  const all = allOf(stack, held);
  const aside = `for ${archiveDays} days, by "Undo the last reset or restore" in the menu.`;
  switch (work.kind) {
    case 'reset':
      return [
        ['Erased', `${all}.`],
        ['Kept', `${program}, the address, the settings, the passwords, old backups.`],
        backup,
        ['Way back', aside],
      ];
    case 'restore':
      return [
        ['Replaced', `${all}. The data of ${work.backup} takes its place.`],
        ['Kept', `${program}, the address, the settings, the passwords, old backups.`],
        backup,
        ['Way back', aside],
      ];
    case 'undo':
      return [
        ['Replaced', `${all}. What was set aside takes its place.`],
        ['Kept', `${program}, the address, the settings, the passwords, all backups.`],
        ['Way back', `the same again: what is there now is set aside ${aside}`],
      ];
    case 'delete':
      return [
        ['Gone', 'its pages. Its address says that it is closed.'],
        [
          'Kept',
          `data${held ? ` (${describeHeldData(held)})` : ''}, backups, passwords and address, until ${work.until.slice(0, 10)}.`,
        ],
        backup,
        ['Way back', 'until then, by "Bring it back" in the menu.'],
      ];
    case 'purge':
      return [
        ['Erased', 'its data, its backups, its passwords and its releases.'],
        ['Kept', 'nothing.'],
        ['Way back', `none. A backup can be saved before: oforest backups ${asTyped(stack)} --download FOLDER`],
      ];
    default:
      return [];
  }
}

function allOf(stack: string, held: Review['held']): string {
  if (!held) return `all sessions and answers that ${stack} holds now`;
  return held.sessions === 0
    ? `nothing: ${stack} holds no session now`
    : `${describeHeldData(held)}, all that ${stack} holds now`;
}

/** What those on a page would see of it; undefined where they would see nothing. */
export function forPeople({ plan }: Pick<Review, 'plan'>): string | undefined {
  switch (disturbanceOfPlan(plan)) {
    case 'pause':
      return 'Their pages pause for about 5 s. Answers already sent are safe. Page timers keep running.';
    case 'gone':
      return 'Their links stop working.';
    case 'nothing':
      return undefined;
  }
}

/** Who is there, where somebody would notice. */
export function peopleFound(
  { peopleFound: found }: Pick<Asked, 'peopleFound'>,
  people: PeopleSeen | undefined,
): string {
  if (people?.known && !found) return people.sentence;
  return ['Somebody was found there a moment ago.', people?.sentence ?? ''].join(' ').trim();
}

/** Whoever is at work on the study, or was: that comes before anything else. */
export function othersAtWork({ interrupted, running }: Pick<Review, 'interrupted' | 'running'>): string | undefined {
  if (interrupted)
    return `The ${nounOfVerb(interrupted.verb)} by ${describeActor(interrupted.actor)} was interrupted. It has to be finished or undone first.`;
  return running && workOn({ by: describeActor(running.actor), verb: running.verb });
}
