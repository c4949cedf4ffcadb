import { findLinks, parseStackName, readAdminAccess, type Server } from '../../../core/index.ts';
import type { News } from '../model/messages.ts';

/** Of which study, for the screen of this serial. */
interface Wanted {
  readonly serial: number;
  readonly stack: string;
}

/** The links that participants get; that of each room is tried once. Throws as core does. */
export async function readLinks({ serial, stack }: Wanted, { swarm, entry }: Server): Promise<News> {
  const links = await findLinks(parseStackName(stack), { swarm, entry: await entry() });
  return { kind: 'links-read', serial, links };
}

/** Where and how to log in to oTree's admin page. Throws as core does. */
export async function readAdmin({ serial, stack }: Wanted, { swarm }: Server): Promise<News> {
  const access = await readAdminAccess(parseStackName(stack), { swarm });
  return { kind: 'admin-read', serial, access };
}
