import type { ReleaseSummary } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type Field, fieldOf, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, swap, withTop } from '../next.ts';
import { findStudy, type Opened, type TuiState } from '../state.ts';
import { movedAmong } from '../window.ts';
import { reviewInPlace } from './review.ts';

/** Which image is to be deployed: typed, or chosen among those that ran before. */
export interface ImageScreen extends Opened {
  readonly name: 'image';
  readonly study: Subject;
  readonly field: Field;
  /** Number of the proposal under the cursor; undefined while the field is. */
  readonly at: number | undefined;
}

export interface ProposedImage {
  readonly image: string;
  /** Release of this study that was made of it, and whether it ever served; or the study that runs it. */
  readonly from: Pick<ReleaseSummary, 'release' | 'createdAt' | 'author' | 'state'> | string;
}

/** Begins with the image that runs. */
export function openImage(state: TuiState, subject: Subject & { image: string }): Next {
  const screen = choosing(subject, nextSerial(state));
  return push(state, screen, { kind: 'read-study', stack: subject.stack });
}

/** In the place of the screen before: of a new study, or of a deployment that failed. */
export function imageInPlace(state: TuiState, subject: Subject & { image: string }): Next {
  const screen = choosing(subject, nextSerial(state));
  const isThere = findStudy(state, subject.stack) !== undefined;
  return isThere ? swap(state, screen, { kind: 'read-study', stack: subject.stack }) : swap(state, screen);
}

function choosing({ experiment, environment, stack, image }: Subject & { image: string }, serial: number): ImageScreen {
  const field = fieldOf(image.split('@')[0] ?? '');
  return { name: 'image', serial, study: { experiment, environment, stack }, field, at: undefined };
}

/**
 * Images that need not be typed: those of this study, the newest that is proven first and what failed last; of a study
 * without any, those that others run.
 */
export function proposedImages({ details, studies = [] }: TuiState, { study }: ImageScreen): readonly ProposedImage[] {
  const releases = details[study.stack]?.releases ?? [];
  const own = releases
    .toSorted((one, other) => Number(other.state === 'proven') - Number(one.state === 'proven'))
    .map(({ image, ...from }): ProposedImage => ({ image, from }));
  const others = studies
    .filter(({ stack }) => stack !== study.stack)
    .map(({ image, stack }): ProposedImage => ({ image: image.split('@')[0] ?? '', from: stack }));
  const seen = new Set(['']);
  return (own.length > 0 ? own : others).filter(({ image }) => !seen.has(image) && seen.add(image));
}

/** What Enter would deploy. */
function imageOf(state: TuiState, screen: ImageScreen): string {
  const { at, field } = screen;
  return at === undefined ? field.text.trim() : (proposedImages(state, screen)[at]?.image ?? '');
}

const bindings: readonly Binding<ImageScreen>[] = [
  {
    keys: ['Up', 'Down'],
    does: 'choose an image that ran before',
    hint: 'choose',
    when: (state, screen) => proposedImages(state, screen).length > 0,
    run: (state, screen, key) => {
      const count = proposedImages(state, screen).length + 1;
      const line = movedAmong((screen.at ?? -1) + 1, key, count);
      return stay(withTop(state, { ...screen, at: line === 0 ? undefined : line - 1 }));
    },
  },
  {
    keys: ['Enter'],
    does: 'see what deploying it would change',
    hint: 'next',
    when: (state, screen) => imageOf(state, screen) !== '',
    run: (state, screen) =>
      reviewInPlace(state, { verb: 'deploy', study: screen.study, image: imageOf(state, screen) }),
  },
  { keys: ['Esc'], does: 'go back; nothing changes', hint: 'cancel, nothing changes', run: (state) => pop(state) },
];

export const imageRules: ScreenRules<ImageScreen> = {
  bindings,
  isTyping: () => true,
  typed(state, screen, key) {
    const field = typeInto(screen.field, key);
    return field && stay(withTop(state, { ...screen, field, at: undefined }));
  },
  pasted: (state, screen, text) =>
    stay(withTop(state, { ...screen, field: insert(screen.field, text.trim()), at: undefined })),
};
