import type { Clock } from '../../clock.ts';
import type { Platform } from '../../domain/platform.ts';
import type { EntryGateway } from '../../entry/gateway.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';

/** One thing looked at, and how it is. */
export interface ServerCheck {
  readonly name: CheckName;
  readonly outcome: 'ok' | 'warning' | 'failed';
  /** What was found, one sentence. */
  readonly sentence: string;
  /** What to do; starts with a verb. */
  readonly hint?: string;
}

export type CheckName =
  | 'docker'
  | 'clock'
  | 'swarm'
  | 'managers'
  | 'platform'
  | 'network'
  | 'traefik'
  | 'closed-page'
  | 'http'
  | 'https'
  | 'certificate';

export interface CheckNeeds {
  /** Of the server, for the commands that hints name. */
  readonly name: string;
  readonly swarm: SwarmGateway;
  readonly entry: (platform: Platform) => Promise<EntryGateway>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function ok(name: CheckName, sentence: string): ServerCheck {
  return { name, outcome: 'ok', sentence };
}

export function warning(name: CheckName, sentence: string, hint: string): ServerCheck {
  return { name, outcome: 'warning', sentence, hint };
}

export function failed(name: CheckName, sentence: string, hint: string | undefined): ServerCheck {
  return { name, outcome: 'failed', sentence, ...(hint && { hint }) };
}
