import type { Binding, ScreenRules } from '../bindings.ts';
import type { Effect } from '../effects.ts';
import { initialState } from '../initial-state.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { whyStay } from '../waits.ts';
import { openConnect } from './connect.ts';

/** The servers that can be gone to. None of them has to answer for that, the one that is left included. */
export interface ServersScreen extends Opened {
  readonly name: 'servers';
  readonly list: List;
  /** Undefined while the config is read. */
  readonly servers: readonly KnownServer[] | undefined;
}

export interface KnownServer {
  readonly name: string;
  /** `oforest@swarm.lab.example.edu`, `unix:///var/run/docker.sock` */
  readonly where: string;
}

/** Where else one can go, beside the tabs. */
export const otherServer = { key: 'g', label: 'Another server' } as const;

export function openServers(state: TuiState): Next {
  const serial = nextSerial(state);
  const list = { ...newList, at: state.server };
  return push(state, { name: 'servers', serial, list, servers: undefined }, { kind: 'list-servers', serial });
}

const none: readonly KnownServer[] = [];

export const listedServers: Listed<KnownServer, ServersScreen> = {
  all: (_, { servers = none }) => servers,
  idOf: ({ name }) => name,
  textOf: ({ name, where }) => `${name} ${where}`,
  orders: [{ by: 'Server' }],
};

/** Everything that is open of this server is closed, and another one is shown; refused while something waits here. */
export function leaveFor(server: string, state: TuiState): Next {
  const why = whyStay(state);
  if (why !== undefined) return stay({ ...state, notice: why });
  const serial = nextSerial(state);
  const { size, now, drawn, firstRun, usualServer } = state;
  const closing = state.screens.map(({ serial: open }): Effect => ({ kind: 'close', serial: open })).toReversed();
  const begun = initialState({ server, usualServer, size, now, firstRun });
  const screens = begun.screens.map((screen) => ({ ...screen, serial }));
  return {
    state: { ...begun, screens, opened: serial, drawn },
    effects: [...closing, { kind: 'go-to-server', name: server }],
  };
}

const bindings: readonly Binding<ServersScreen>[] = [
  {
    keys: ['Enter', 'Right'],
    does: 'go to the server; what runs on the one before goes on',
    hint: 'go there',
    when: (state, screen) => shownOf(state, screen, listedServers).under !== undefined,
    run(state, screen) {
      const { under } = shownOf(state, screen, listedServers);
      if (!under) return stay(state);
      return under.name === state.server ? pop(state) : leaveFor(under.name, state);
    },
  },
  {
    keys: ['n'],
    does: 'connect to one more',
    hint: 'one more',
    blocked: whyStay,
    run(state) {
      const why = whyStay(state);
      return why === undefined ? openConnect(state) : stay({ ...state, notice: why });
    },
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const serversRules: ScreenRules<ServersScreen> = listRules(listedServers, bindings);
