import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type Field, fieldOf, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, Study, TuiState } from '../state.ts';
import { reviewInPlace } from './review.ts';

/** Which image is to be deployed; begins with the one that runs. */
export interface ImageScreen extends Opened {
  readonly name: 'image';
  readonly study: Subject;
  readonly field: Field;
}

export function openImage(state: TuiState, { experiment, environment, stack, image }: Study): Next {
  const field = fieldOf(image.split('@')[0] ?? '');
  return push(state, { name: 'image', serial: nextSerial(state), study: { experiment, environment, stack }, field });
}

const bindings: readonly Binding<ImageScreen>[] = [
  {
    keys: ['Enter'],
    does: 'see what deploying it would change',
    hint: 'next',
    when: (_, { field }) => field.text.trim() !== '',
    run: (state, { study, field }) => reviewInPlace(state, { verb: 'deploy', study, image: field.text.trim() }),
  },
  { keys: ['Esc'], does: 'go back; nothing changes', hint: 'cancel, nothing changes', run: (state) => pop(state) },
];

export const imageRules: ScreenRules<ImageScreen> = {
  bindings,
  isTyping: () => true,
  typed(state, screen, key) {
    const field = typeInto(screen.field, key);
    return field && stay(withTop(state, { ...screen, field }));
  },
  pasted: (state, screen, text) => stay(withTop(state, { ...screen, field: insert(screen.field, text.trim()) })),
};
