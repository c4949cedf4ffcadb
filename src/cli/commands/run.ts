import type { CliContext } from '../context.ts';

/** How a command ends well; failing commands throw. A number is the exit code of an answer that is bad news. */
export type Run = (work: (context: CliContext) => Promise<unknown>) => Promise<void>;
