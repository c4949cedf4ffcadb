import { listedServers } from '../../tui/model/screens/servers.ts';
import { sayList } from '../listed.ts';
import type { Say } from '../spoken.ts';

export const sayServers: Say<'servers'> = (state, screen) =>
  sayList(state, screen, {
    listed: listedServers,
    row: ({ name, where }) => ({ label: `${name}, ${where}${name === state.server ? ', which you are on' : ''}` }),
    head: 'The servers that you can go to.',
    one: 'server',
  });
