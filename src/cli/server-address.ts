import type { ServerConfig } from '../core/index.ts';

/** `oforest@swarm.lab.example.edu:2222` or `unix:///var/run/docker.sock` */
export function addressOf(server: ServerConfig): string {
  if ('socket' in server) return `unix://${server.socket}`;
  const { user, host, port } = server;
  return `${user ? `${user}@` : ''}${host}${port && port !== 22 ? `:${port}` : ''}`;
}
