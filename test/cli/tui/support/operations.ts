import type { OperationEvent } from '../../../../src/core/index.ts';
import type { OpenProgram, ProgramHome } from './open-program.ts';
import { pipeProgram } from './pipe-program.ts';

type Home = Pick<ProgramHome, 'environment' | 'path'>;

/** What the program prints to whoever reads it from a script. */
export async function printed(home: Home, ...words: readonly string[]): Promise<string> {
  return (await pipeProgram(home, { words: ['--server', 'sandbox', ...words] })).stdout;
}

/** From the list, which is live: an update of the trust game to the image with this tag has begun. Returns its operation. */
export async function startsUpdate(home: Home, program: OpenProgram, tag: string): Promise<string> {
  program.press('/', ...'trust !staging', 'Enter', 'Enter');
  await program.until('Deploy an image');
  program.press('d');
  await program.until('Which image?');
  program.press('Ctrl-U', ...`localhost:5000/samples/trust-game:${tag}`, 'Enter');
  await program.until('Deploy now');
  program.press('Enter');
  await program.until(/↻|✔/);
  const { operations } = JSON.parse(await printed(home, '--json', 'activity', 'trust-game'));
  return operations[0].operation;
}

/** From the list, which is live: the newest operation, watched under Activity. */
export async function watchesNewest(program: OpenProgram): Promise<void> {
  program.press('3');
  await program.until('› Activity');
  await program.until('trust-game');
  program.press('Enter');
  await program.until(/› Deploy/);
}

/** All that is known of an operation, once it has ended. */
export async function eventsOf(home: Home, operation: string): Promise<readonly OperationEvent[]> {
  const lines = (await printed(home, '--json=lines', 'watch', operation)).split('\n').filter(Boolean);
  return lines.map((line): OperationEvent => JSON.parse(line));
}

export function stepsOf(events: readonly OperationEvent[], kind: 'step-started' | 'step-finished'): readonly string[] {
  return events.flatMap((event) => (event.kind === kind ? [event.step] : []));
}
