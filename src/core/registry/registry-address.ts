import { isIPv4 } from 'node:net';

/** Where a registry's API is: `https://registry.example.edu:5050`. Plain HTTP on loopback alone, as Docker has it. */
export function registryAddress(registry: string): URL {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const address = new URL(`https://${host}`);
  return isLoopback(address) ? new URL(`http://${host}`) : address;
}

/** The host without the brackets of IPv6, and the port. */
export function hostAndPort(url: URL): { host: string; port: number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port ? Number(url.port) : url.protocol === 'http:' ? 80 : 443 };
}

/**
 * Whether a registry may send us to that URL, for a token or a blob: HTTPS anywhere; plain HTTP from a loopback
 * registry to its own host alone.
 */
export function maySendTo(url: URL, { from }: { from: URL }): boolean {
  if (url.username || url.password) return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && isLoopback(from) && url.hostname === from.hostname;
}

function isLoopback(url: URL): boolean {
  const { host } = hostAndPort(url);
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
