import { RowFacts } from '../../database/fit-facts.ts';
import { rowsScript } from '../../database/scripts/fit-scripts.ts';
import { ExpectedError } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { inDatabaseContainer, parseResult } from '../../swarm/in-container.ts';
import type { ObservedStack } from '../../swarm/observe-stack.ts';
import { databases } from '../../swarm/slots.ts';

/** What a study's database holds, in numbers; demo sessions, bots and people who never came are among them. */
export interface HeldData {
  readonly sessions: number;
  readonly participants: number;
}

const tables = { sessions: 'otree_session', participants: 'otree_participant' } as const;
const wanted = Object.values(tables).map((table) => ({ table, columns: [] }));

/** Undefined where nobody can say: no database runs, it is out of reach, or oTree has made no tables yet. */
export async function readHeldData(
  observed: Pick<ObservedStack, 'stack' | 'db' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): Promise<HeldData | undefined> {
  const what = `counting what ${observed.stack} holds`;
  try {
    const words = rowsScript(databases.live, wanted);
    const rows = parseResult(RowFacts, await inDatabaseContainer(words, what, observed, { swarm }), what);
    const count = (table: string) => rows[table]?.rows ?? 0;
    return { sessions: count(tables.sessions), participants: count(tables.participants) };
  } catch (error) {
    if (error instanceof ExpectedError && unreadable.includes(error.code)) return undefined;
    throw error;
  }
}

const unreadable: readonly string[] = ['database-unhealthy', 'operation-failed', 'node-unreachable'];
