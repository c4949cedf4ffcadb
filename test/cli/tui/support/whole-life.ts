import type { OpenProgram } from './open-program.ts';

/** Trial, change and the 15 s in which a late crash would be seen. */
const patienceMs = 90_000;

/**
 * A study that runs v1 or later and stands in the list, taken by keys alone through an update to the image whose tag ends with
 * `digit`, its log, a rollback, a reset, its undo, a deletion and its undoing. Ends on its menu.
 */
export async function takeThroughLife(
  program: OpenProgram,
  { study, filter, digit, release }: { study: string; filter: string; digit: string; release: number },
): Promise<void> {
  program.press('/', ...filter, 'Enter', 'Enter');
  await menu(program);
  program.press('d');
  await program.until('Which image?');
  program.press('Backspace', digit, 'Enter');
  await confirmed(program, 'Deploy now');
  await program.until(`${study} runs v${release + 1}`, patienceMs);

  await back(program);
  program.press('l');
  await program.until('following');
  await back(program);

  program.press('b');
  await program.until('Which release');
  program.press('Enter');
  await confirmed(program, 'Roll back now');
  await program.until(`${study} runs v${release + 2}`, patienceMs);

  await back(program);
  program.press('R');
  await program.until('Type the name');
  await program.type(study);
  program.press('Enter');
  await program.until(`${study} runs`, patienceMs);

  await back(program);
  program.press('u');
  await confirmed(program, 'Undo now');
  await program.until(`${study} runs`, patienceMs);

  await back(program);
  program.press('X');
  await program.until('Type the name');
  await program.type(study);
  program.press('Enter');
  await program.until(`${study} is deleted`, patienceMs);

  await back(program);
  await program.until('Bring it back');
  program.press('u');
  await confirmed(program, 'Bring it back now');
  await program.until(`${study} runs`, patienceMs);
  await back(program);
}

const menu = (program: OpenProgram) => program.until('What would you like to do?');

async function back(program: OpenProgram): Promise<void> {
  program.press('Esc');
  await menu(program);
}

async function confirmed(program: OpenProgram, choice: string): Promise<void> {
  await program.until(choice);
  program.press('Enter');
}
