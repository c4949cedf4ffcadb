import * as z from 'zod';

/** Who asked. Only chat actors are verified (by GitLab); SSH access to a manager is root there, whatever the name says. */
export const Actor = z.object({
  via: z.enum(['ssh', 'socket', 'chat', 'keeper']),
  gitlabUser: z.string().optional(),
  sshUser: z.string().optional(),
  host: z.string().optional(),
});
export type Actor = z.infer<typeof Actor>;

export function describeActor({ via, gitlabUser, sshUser, host }: Actor): string {
  if (gitlabUser) return gitlabUser;
  if (via === 'keeper') return 'the keeper';
  return `${sshUser ?? 'somebody'}@${host ?? 'unknown'} (${via === 'ssh' ? 'SSH' : 'socket'}, not verified)`;
}
