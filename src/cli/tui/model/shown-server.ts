import type { ErrorFacts } from '../../../core/index.ts';
import type { News } from './messages.ts';
import { option } from './same-as.ts';
import type { TuiState } from './state.ts';

type Shown = Pick<TuiState, 'server' | 'usualServer'>;

/** How a command begins that goes to the server on the screen: a command that names none goes to the usual one. */
export function oforestOn({ server, usualServer }: Shown, oforest = 'oforest'): string {
  return server === '' || server === usualServer ? oforest : `${oforest} ${option('--server', server)}`;
}

/** Commands about the server itself name it already, and those about this computer need none. */
const commandInText = /\boforest (?!(?:server|sandbox|init|completion)\b)(?=[a-z])/g;

/** A sentence of core, which does not know how a person came to the server, with commands that go there. */
export function namingServer(text: string, shown: Shown): string {
  return text.replaceAll(commandInText, () => `${oforestOn(shown)} `);
}

/** News whose advice can be typed as it stands. */
export function addressed(news: News, shown: Shown): News {
  if (oforestOn(shown) === 'oforest') return news;
  switch (news.kind) {
    case 'event':
      return news.event.kind === 'operation-failed'
        ? { ...news, event: { ...news.event, error: advice(news.event.error, shown) } }
        : news;
    case 'checked':
      return {
        ...news,
        report: {
          ...news.report,
          checks: news.report.checks.map(({ hint, ...check }) => ({
            ...check,
            ...{ sentence: namingServer(check.sentence, shown) },
            ...(hint !== undefined && { hint: namingServer(hint, shown) }),
          })),
        },
      };
    case 'preparing':
      return news.phase.kind === 'failed'
        ? { ...news, phase: { ...news.phase, error: advice(news.phase.error, shown) } }
        : news;
    default:
      return 'error' in news ? { ...news, error: advice(news.error, shown) } : news;
  }
}

function advice(error: ErrorFacts, shown: Shown): ErrorFacts {
  const { now, hint } = error;
  return {
    ...error,
    ...(now !== undefined && { now: namingServer(now, shown) }),
    ...(hint !== undefined && { hint: namingServer(hint, shown) }),
  };
}
