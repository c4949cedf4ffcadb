import { type ExperimentStatus, type PeopleSeen, wordOfState } from '../../core/index.ts';
import { formatAge, formatTime } from './format.ts';
import { outcomeWords } from './outcome-words.ts';

export function renderStatus(status: ExperimentStatus, people: PeopleSeen | undefined): string {
  const { stack, state, release, url, image, parts, variables, secrets, operation, lastOperation } = status;
  const facts: [string, string][] = [
    ['Address', url],
    ['Release', release ? `v${release}  ${image}` : 'none yet'],
    ...(people ? [['People', people.sentence] as [string, string]] : []),
    ...(status.until ? [['Deleted', `kept until ${formatTime(status.until)}`] as [string, string]] : []),
    ...parts.map(({ part, task, since, error, node }): [string, string] => [
      part === 'web' ? 'oTree' : 'Database',
      [task, since && `for ${formatAge(since)}`, node && `on ${node}`, error && `(${error})`].filter(Boolean).join(' '),
    ]),
    ...(variables.length > 0 ? [['Variables', variables.join(', ')] as [string, string]] : []),
    ...(secrets.length > 0 ? [['Secrets', secrets.join(', ')] as [string, string]] : []),
    ...(operation
      ? [['Now', `${operation.actor} runs ${operation.verb} (oforest watch ${operation.id})`] as [string, string]]
      : []),
    ...(lastOperation && !operation
      ? [
          ['Last', `${lastOperation.verb} ${outcomeWords[lastOperation.state]}, ${formatTime(lastOperation.at)}`] as [
            string,
            string,
          ],
        ]
      : []),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    `${stack} is ${wordOfState[state]}.`,
    ...facts.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`),
  ].join('\n');
}
