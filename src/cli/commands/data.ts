import type { Command } from 'commander';
import {
  type Review,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewUndelete,
  reviewUndo,
  type Server,
  type Subject,
} from '../../core/index.ts';
import { type RunOptions, runReview, withGuardOptions, withRunOptions } from '../run-review.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

interface DataVerb {
  readonly name: string;
  readonly description: string;
  readonly review: (subject: Subject, server: Server) => Promise<Review>;
  /** Whether people in a session would notice. */
  readonly guarded: boolean;
  /** Whether only the typed name is a yes. */
  readonly typed: boolean;
}

const verbs: readonly DataVerb[] = [
  {
    name: 'reset',
    description: 'an empty database; the data is backed up and set aside first, and `undo` brings it back',
    review: reviewReset,
    ...{ guarded: true, typed: true },
  },
  {
    name: 'undo',
    description: 'bring back the data that the last reset or restore set aside',
    review: reviewUndo,
    ...{ guarded: true, typed: false },
  },
  {
    name: 'delete',
    description: 'take a study away; it is backed up, kept for 30 days, and `undelete` brings it back',
    review: (subject, server) => reviewDelete({ ...subject, now: new Date() }, server),
    ...{ guarded: true, typed: true },
  },
  {
    name: 'undelete',
    description: 'bring a deleted study back with its address, data and passwords',
    review: reviewUndelete,
    ...{ guarded: false, typed: false },
  },
  {
    name: 'purge',
    description: 'remove a deleted study and its data for good',
    review: reviewPurge,
    ...{ guarded: false, typed: true },
  },
];

export function registerDataCommands(program: Command, run: Run): void {
  for (const { name: verb, description, review, guarded, typed } of verbs) {
    const withOptions = guarded ? withGuardOptions : withRunOptions;
    const command = withOptions(program.command(`${verb} <experiment>`)).description(description);
    if (typed) command.option('--confirm <name>', 'the name of the study, as a yes; without it you are asked');
    command.action((name: string, options: RunOptions) =>
      run((context) =>
        withStudy(name, context, (server, study) => runReview(() => review(study, server), options, server, context)),
      ),
    );
  }
}
