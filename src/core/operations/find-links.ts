import type { z } from 'zod';
import { urlOf } from '../domain/platform.ts';
import { Secret } from '../domain/secret.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { EntryGateway } from '../entry/gateway.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { AdminLogin, inWebContainer, Links, parseResult } from '../swarm/in-container.ts';
import { observeStack, servingRelease } from '../swarm/observe-stack.ts';
import { adminLoginScript, linksScript } from '../swarm/scripts.ts';
import { notDeployed } from './review/absent-study.ts';

/** A link that participants get. */
export interface ParticipantLink {
  readonly kind: 'room' | 'session';
  readonly name: string;
  readonly url: string;
  /** Whether its page answered through Traefik just now; a session's link is only shown, because opening it takes a seat. */
  readonly tried: 'answers' | 'does not answer' | 'not tried';
}

/** Room and session links as oTree gives them. Throws `experiment-not-found`, `experiment-stopped`, `node-unreachable`. */
export async function findLinks(
  stack: StackName,
  { swarm, entry }: { swarm: SwarmGateway; entry: EntryGateway },
): Promise<readonly ParticipantLink[]> {
  const observed = await observeStack(stack, { swarm });
  const release = servingRelease(observed);
  if (!release) throw notDeployed(stack);
  const base = urlOf(release.state.host, observed.platform);
  const output = await inWebContainer(linksScript, `asking ${stack} for its links`, observed, { swarm });
  const { rooms, sessions } = parseResult(Links, output);
  const roomLinks = rooms.map(async ({ name, url }): Promise<ParticipantLink> => {
    const path = pathOf(url);
    const { status } = await entry.request({ host: release.state.host, path });
    return { kind: 'room', name, url: `${base}${path}`, tried: status < 400 ? 'answers' : 'does not answer' };
  });
  return [...(await Promise.all(roomLinks)), ...sessions.map((session) => sessionLink(session, base))];
}

function sessionLink(
  { code, config_name, label, session_wide_url }: z.infer<typeof Links>['sessions'][number],
  base: string,
): ParticipantLink {
  const name = [config_name, label].filter(Boolean).join(', ') || code;
  return { kind: 'session', name, url: `${base}${pathOf(session_wide_url)}`, tried: 'not tried' };
}

/** oTree builds links from the request it answers; ours comes from inside. The path is what counts. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://study.invalid');
  return `${pathname}${search}`;
}

export interface AdminAccess {
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
}

/** Where and how the researcher logs in to oTree. Throws as findLinks does. */
export async function readAdminAccess(stack: StackName, { swarm }: { swarm: SwarmGateway }): Promise<AdminAccess> {
  const observed = await observeStack(stack, { swarm });
  const release = servingRelease(observed);
  if (!release) throw notDeployed(stack);
  const output = await inWebContainer(adminLoginScript, `reading the admin login of ${stack}`, observed, { swarm });
  const { user, password } = parseResult(AdminLogin, output);
  return { url: `${urlOf(release.state.host, observed.platform)}/sessions`, user, password: new Secret(password) };
}
