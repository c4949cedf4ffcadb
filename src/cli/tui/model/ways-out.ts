import type { ErrorFacts } from '../../../core/index.ts';
import type { Asked } from './effects.ts';

/** What else can be asked for, once it was refused for a reason that has an answer. */
export interface WayOut {
  readonly label: string;
  readonly asked: Asked;
}

export function waysOut(asked: Asked, { code, details }: ErrorFacts): readonly WayOut[] {
  switch (code) {
    case 'open-pages-present':
      return [
        { label: 'Do not count those pages: they are my own', asked: { ...asked, ignoreOpenPages: true } },
        aboutPeople(asked),
      ];
    case 'participants-present':
    case 'participants-unreadable':
      return [aboutPeople(asked)];
    case 'misfit':
      return asked.verb === 'deploy' && details?.verdict === 'adds-columns'
        ? [
            {
              label: 'Add the missing columns after a backup; earlier rows stay empty there',
              asked: { ...asked, addColumns: true },
            },
          ]
        : [];
    default:
      return [];
  }
}

function aboutPeople(asked: Asked): WayOut {
  return { label: 'Wait for them, or interrupt them…', asked: { ...asked, peopleFound: true } };
}
