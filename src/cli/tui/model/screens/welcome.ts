import { sandboxName } from '../../../sandbox/name.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { movedAmong } from '../window.ts';
import { openConnect } from './connect.ts';
import { leaveFor } from './servers.ts';

/** What oForest is, and where to begin: the lowest screen where no server is set up, and there to be read later. */
export interface WelcomeScreen extends Opened {
  readonly name: 'welcome';
  readonly cursor: number;
}

export const welcomeScreen: WelcomeScreen = { name: 'welcome', serial: 1, cursor: 0 };

/** Its place among the actions. */
export const introduction = { key: 'i', label: 'Introduction' } as const;

export function openWelcome(state: TuiState): Next {
  return push(state, { name: 'welcome', serial: nextSerial(state), cursor: 0 });
}

export interface Beginning {
  readonly label: string;
  /** What it comes to, in a sentence. */
  readonly means: string;
  readonly run: (state: TuiState) => Next;
}

/** Where one can go from here. */
export function beginningsOf(state: TuiState): readonly Beginning[] {
  return [
    {
      label: 'Try it on the sandbox',
      means: 'A pretend server on this computer, with sample studies. Nothing there can do harm.',
      run: (now) => (now.server === sandboxName ? pop(now) : leaveFor(sandboxName, now)),
    },
    {
      label: 'Connect to your own server',
      means: 'A Docker Swarm that you reach by SSH. You are asked before anything changes there.',
      run: openConnect,
    },
    isNowhere(state)
      ? {
          label: 'Leave',
          means: 'Nothing is set up; `oforest` alone brings you back here.',
          run: (now) => stay(now, { kind: 'leave', exitCode: 0 }),
        }
      : { label: 'Go back', means: `To where you were, on ${state.server}.`, run: pop },
  ];
}

/** Whether no server was chosen yet. */
export function isNowhere({ link }: Pick<TuiState, 'link'>): boolean {
  return link.kind === 'nowhere';
}

const bindings: readonly Binding<WelcomeScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, beginningsOf(state).length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter', 'Right'],
    does: 'begin there',
    hint: 'begin',
    run: (state, { cursor }) => beginningsOf(state)[cursor]?.run(state) ?? stay(state),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back',
    hint: 'back',
    when: ({ screens }) => screens.length > 1,
    run: (state) => pop(state),
  },
];

export const welcomeRules: ScreenRules<WelcomeScreen> = { bindings };
