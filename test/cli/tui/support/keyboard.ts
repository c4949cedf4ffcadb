import { globalBindings } from '../../../../src/cli/tui/model/global-bindings.ts';
import type { Key } from '../../../../src/cli/tui/model/keys.ts';
import { bindingsOf, screenNames } from '../../../../src/cli/tui/model/screens.ts';

/** Every key that the registry knows, each once. */
export const registeredKeys: readonly Key[] = [
  ...new Set([...screenNames.flatMap(bindingsOf), ...globalBindings].flatMap(({ keys }) => keys)),
];
