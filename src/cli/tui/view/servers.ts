import { type KnownServer, listedServers, type ServersScreen } from '../model/screens/servers.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { glyph } from './look.ts';

const servers: ListLook<KnownServer, ServersScreen> = {
  listed: listedServers,
  columns: [
    { heading: 'Server', width: 16, keepsEnd: true, cell: ({ name }) => name },
    { heading: 'Where', width: 'rest', keepsEnd: true, cell: ({ where }) => where },
    { heading: '', width: 5, cell: ({ name }, { server }) => (name === server ? 'shown' : '') },
  ],
  empty: () => [],
};

export const serversBody: DrawBody<'servers'> = (state, screen, layout, look): Body => {
  const { body, summary } = drawList(servers, state, screen, { layout, look });
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server} ${glyph('into', look)} Another server`),
    body,
    summary:
      summary ??
      (screen.servers ? line({ text: ' As a command: oforest server add NAME HOST', dim: true }) : emptyLine),
  };
};
