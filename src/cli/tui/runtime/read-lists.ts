import {
  type Clock,
  checkServer,
  errorFacts,
  listBackups,
  parseStackName,
  randomText,
  type Server,
} from '../../../core/index.ts';
import type { Message, News } from '../model/messages.ts';

export interface ReadNeeds {
  readonly server: Server;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Each look is a small job on the server: so many run beside each other. */
const looksAtOnce = 3;

/** What there is to go back to, study by study, as each is known. A study that cannot be looked into keeps nobody up. */
export async function readBackups(
  stacks: readonly string[],
  { dispatch, ...needs }: ReadNeeds & { dispatch: (message: Message) => void },
): Promise<void> {
  const left = [...stacks];
  const lookOnAndOn = async () => {
    for (let stack = left.shift(); stack !== undefined; stack = left.shift()) {
      const news = await backupsOf(stack, needs);
      needs.signal.throwIfAborted();
      dispatch(news);
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, lookOnAndOn));
}

async function backupsOf(stack: string, { server: { swarm }, clock, signal }: ReadNeeds): Promise<News> {
  try {
    const list = await listBackups(parseStackName(stack), { swarm, clock, random: randomText, signal });
    return { kind: 'backups-read', stack, list };
  } catch (error) {
    return { kind: 'backups-unread', stack, error: errorFacts(error) };
  }
}

export async function readCheck({ server: { name, swarm, entry }, clock, signal }: ReadNeeds): Promise<News> {
  return { kind: 'checked', report: await checkServer({ name, swarm, entry, clock, signal }) };
}
