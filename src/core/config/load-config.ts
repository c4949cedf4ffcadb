import type { Config, ServerConfig } from './config.ts';

/** The config; a missing file is an empty config. Throws `config-invalid` with path and line. */
export async function loadConfig(_path: string): Promise<Config> {
  throw new Error('not built yet');
}

/** Adds or replaces a server; comments elsewhere in the file stay. Throws `config-invalid`. */
export async function saveServer(_path: string, _name: string, _server: ServerConfig): Promise<void> {
  throw new Error('not built yet');
}

/** Makes a server the current one. Throws `server-not-configured`, `config-invalid`. */
export async function useServer(_path: string, _name: string): Promise<void> {
  throw new Error('not built yet');
}
