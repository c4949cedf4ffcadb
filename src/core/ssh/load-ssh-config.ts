import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { matchesPattern } from './matches-pattern.ts';
import type { SshConfigSource } from './ssh-config.ts';

/** The user's and the system's ssh_config, in the order that ssh reads them; files that cannot be read count as empty. */
export function loadSshConfig(home: string, systemFolder = '/etc/ssh'): SshConfigSource[] {
  const userFolder = join(home, '.ssh');
  return [
    { text: readText(join(userFolder, 'config')), readInclude: includesFrom(userFolder, home) },
    { text: readText(join(systemFolder, 'ssh_config')), readInclude: includesFrom(systemFolder, home) },
  ];
}

function includesFrom(folder: string, home: string): SshConfigSource['readInclude'] {
  return (pattern) => {
    const path = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : pattern;
    return expandWildcards(isAbsolute(path) ? path : join(folder, path)).map(readText);
  };
}

function expandWildcards(path: string): string[] {
  const [, ...parts] = path.split('/');
  return parts.reduce<string[]>((folders, part) => folders.flatMap((folder) => entriesMatching(folder, part)), ['']);
}

function entriesMatching(folder: string, part: string): string[] {
  if (!/[*?]/.test(part)) return [`${folder}/${part}`];
  const names = part.startsWith('.') ? namesIn(folder) : namesIn(folder).filter((name) => !name.startsWith('.'));
  return names
    .filter((name) => matchesPattern(name, part))
    .sort()
    .map((name) => `${folder}/${name}`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder || '/');
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
