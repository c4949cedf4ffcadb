import * as z from 'zod';

const host = z.string().min(1).describe('Name or address of the manager, or a Host of ~/.ssh/config.');
const port = z.int().min(1).max(65_535).optional().describe("Port of sshd; default: ~/.ssh/config's, else 22.");
const user = z.string().min(1).optional().describe("User on the server; default: ~/.ssh/config's, else your own name.");
const absolutePath = z.string().startsWith('/', 'must be an absolute path');

const nodeConfigSchema = z.strictObject({ host, port, user });

const sshServerConfigSchema = z.strictObject({
  host,
  port,
  user,
  identityFile: z.string().min(1).optional().describe('Private key; default: what ssh would use, your agent included.'),
  knownHostsFile: z.string().min(1).optional().describe('File with the host keys; default: ~/.ssh/known_hosts.'),
  dockerSocket: absolutePath.optional().describe("dockerd's socket on the server; default: /var/run/docker.sock."),
  nodes: z
    .record(z.string().min(1), nodeConfigSchema)
    .optional()
    .describe('How to reach workers by SSH, by node id; only for reading on them.'),
});

const socketServerConfigSchema = z.strictObject({
  socket: absolutePath.describe("dockerd's socket on this machine, for use on the manager itself."),
});

export const configSchema = z.strictObject({
  current: z.string().min(1).optional().describe('The server used where --server names none.'),
  servers: z
    .record(z.string().min(1), z.union([sshServerConfigSchema, socketServerConfigSchema]))
    .default({})
    .describe('The servers you can reach, by a name of your choice.'),
  gitlab: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('Address of GitLab, for example https://gitlab.example.edu.'),
      tokenFile: z.string().min(1).describe('File that holds an access token and nothing else.'),
    })
    .optional()
    .describe('Your GitLab.'),
  registries: z
    .record(
      z.string().min(1),
      z.strictObject({
        username: z.string().min(1).describe('User name, or the name of a deploy token.'),
        passwordFile: z.string().min(1).describe('File that holds the password or token and nothing else.'),
      }),
    )
    .optional()
    .describe('Logins for image registries, by host: registry.example.edu:5050.'),
});

export type Config = z.infer<typeof configSchema>;

export type SshServerConfig = z.infer<typeof sshServerConfigSchema>;
export type SocketServerConfig = z.infer<typeof socketServerConfigSchema>;
export type ServerConfig = SshServerConfig | SocketServerConfig;

/** A path of the config with a leading `~/` replaced by the home directory. */
export function expandHome(path: string, home: string): string {
  return path === '~' ? home : path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
}
