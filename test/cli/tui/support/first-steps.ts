import type { OpenProgram } from './open-program.ts';

/** From the welcome to a new study that is being deployed on the sandbox; how many keys that took besides what is typed. */
export async function startsExample(program: OpenProgram): Promise<number> {
  let keys = 0;
  const press = (...given: readonly string[]) => {
    keys += given.length;
    program.press(...given);
  };
  await program.until('Try it on the sandbox');
  press('Enter');
  await program.until('trust-game');
  press('n');
  await program.until('What is its name?');
  program.press(...'my-first');
  press('Enter');
  await program.until('Which image?');
  program.press(...'localhost:5000/samples/trust-game:v1');
  press('Enter');
  await program.until('Deploy now');
  press('Enter');
  await program.until('You can leave');
  return keys;
}
