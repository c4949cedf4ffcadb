import type { Command } from 'commander';
import { type Review, reviewRestart, reviewStart, reviewStop, type Server, type Subject } from '../../core/index.ts';
import type { Run } from '../program.ts';
import { type RunOptions, runReview } from '../run-review.ts';
import { withStudy } from '../subject.ts';

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
  for (const { name: verb, description, review } of verbs)
    program
      .command(`${verb} <experiment>`)
      .description(description)
      .option('--plan', 'show what would change and why, and stop')
      .option('--detach', 'do not follow; exit when it is accepted')
      .action((name: string, options: RunOptions) =>
        run((context) =>
          withStudy(name, context, async (server, study) => {
            const reviewed = await review(study, server);
            await runReview(reviewed, options, server, context);
          }),
        ),
      );
}
