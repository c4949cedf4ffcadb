import type { OpenProgram } from './open-program.ts';

/** Trial, change and the 15 s in which a late crash would be seen. */
export const patienceMs = 90_000;

/** Where something has been done: what can be seen there is compared. */
export type Station =
  | 'updated'
  | 'log open'
  | 'rolled back'
  | 'reset'
  | 'undone'
  | 'deleted'
  | 'brought back'
  | 'menu of the study';

/**
 * A study that runs v1 or later and stands in the list, taken by keys alone through an update to the image whose tag ends with
 * `digit`, which is left and watched again, its log, a rollback, a reset, its undo, a deletion and its undoing. Ends on its
 * menu.
 */
export async function takeThroughLife(
  program: OpenProgram,
  {
    study,
    filter,
    digit,
    release,
    see = async () => {},
  }: {
    study: string;
    filter: string;
    digit: string;
    release: number;
    see?: (station: Station) => Promise<void>;
  },
): Promise<void> {
  // Small screens leave out everything else that only the menu has.
  const menu = () => program.until(new RegExp(`^ oForest › ${study} {2,}.* live`));
  const back = async () => {
    program.press('Esc');
    await menu();
  };
  const confirmed = async (choice: string) => {
    await program.until(choice);
    program.press('Enter');
  };
  const done = async (said: string, station: Station) => {
    await program.until(said, patienceMs);
    await see(station);
    await back();
  };

  program.press('/', ...filter, 'Enter', 'Enter');
  await menu();
  program.press('d');
  await program.until('Which image?');
  program.press('Backspace', digit, 'Enter');
  await confirmed('Deploy now');
  await program.until('You can leave');
  await back();
  await program.until('Watch what runs');
  program.press('w');
  await done(`${study} runs v${release + 1}`, 'updated');

  program.press('l');
  await program.until('following');
  await see('log open');
  await back();

  program.press('b');
  await program.until('Which release');
  program.press('Enter');
  await confirmed('Roll back now');
  await done(`${study} runs v${release + 2}`, 'rolled back');

  program.press('R');
  await program.until('Type the name');
  await program.type(study);
  program.press('Enter');
  await done(`${study} runs`, 'reset');

  program.press('u');
  await confirmed('Undo now');
  await done(`${study} runs`, 'undone');

  program.press('X');
  await program.until('Type the name');
  await program.type(study);
  program.press('Enter');
  await done(`${study} is deleted`, 'deleted');

  await program.until('Bring it back');
  program.press('u');
  await confirmed('Bring it back now');
  await done(`${study} runs`, 'brought back');
  await see('menu of the study');
}
