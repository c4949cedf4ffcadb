import type { Command } from 'commander';
import { type Review, reviewRestart, reviewStart, reviewStop, type Server, type Subject } from '../../core/index.ts';
import { type RunOptions, runReview, withGuardOptions, withRunOptions } from '../run-review.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

const verbs: readonly {
  name: string;
  description: string;
  review: (subject: Subject, server: Server) => Promise<Review>;
}[] = [
  { name: 'start', description: 'bring a stopped study back, with the release it last ran', review: reviewStart },
  { name: 'stop', description: 'take a study off the net; its database stays up', review: reviewStop },
  { name: 'restart', description: 'give a study a fresh oTree of the same release', review: reviewRestart },
];

export function registerRunStateCommands(program: Command, run: Run): void {
  // A start disturbs nobody.
  for (const { name: verb, description, review } of verbs)
    (verb === 'start' ? withRunOptions : withGuardOptions)(program.command(`${verb} <experiment>`))
      .description(description)
      .action((name: string, options: RunOptions) =>
        run((context) =>
          withStudy(name, context, (server, study) => runReview(() => review(study, server), options, server, context)),
        ),
      );
}
