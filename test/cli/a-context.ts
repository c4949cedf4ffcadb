import type { CliContext } from '../../src/cli/context.ts';
import { createPassphrases } from '../../src/cli/passphrases.ts';
import type { Answer } from '../../src/cli/render/output.ts';

export interface Said {
  readonly answers: Answer[];
  readonly sentences: string[];
}

/** A command's surroundings without a terminal, that write down what is said. */
export function aContext(options: Partial<CliContext['options']> = {}): CliContext & { said: Said } {
  const said: Said = { answers: [], sentences: [] };
  const notHere = () => {
    throw new Error('nothing here connects to a server');
  };
  return {
    said,
    configPath: '/nonexistent/config.yml',
    stateDir: '/nonexistent/state',
    invokedAs: 'oforest',
    environment: { home: '/nonexistent', userName: 'ada' },
    options: { env: 'production', input: true, color: 'never', ...options },
    output: {
      answer: (answer) => said.answers.push(answer),
      say: (sentence) => said.sentences.push(sentence),
      event: () => {},
      line: () => {},
      error: () => {},
    },
    signal: new AbortController().signal,
    passphrases: createPassphrases({ canAsk: false }),
    canAsk: false,
    surface: 'list',
    terminal: { ascii: false, colors: false, hasBrowser: false },
    skeleton: undefined,
    tellInkOfColors: () => {},
    config: async () => ({ servers: {} }),
    withServer: notHere,
    actorOn: () => ({ via: 'ssh', sshUser: 'ada', host: 'laptop' }),
  };
}
