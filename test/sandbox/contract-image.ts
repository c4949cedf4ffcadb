import type { Container, ExecIo, Outcome, Program } from '../../src/sandbox/programs/program.ts';
import { shellProgram } from '../../src/sandbox/programs/shell.ts';
import { scripts } from '../contract/scripts.ts';

const nothing = { stdout: '', stderr: '' };

/** What the suite's scripts need beyond the sandbox's small shell: a condition, one file that can be made, and `cat`. */
export const contractProgram: Program = (container) => {
  const [command = ''] = container.words;
  if (command === scripts.noSuchCommand[0]) {
    container.exit(127);
    return {
      startError: `OCI runtime create failed: starting container process caused: exec: "${command}": executable file not found in $PATH: unknown`,
    };
  }
  let isSick = false;
  const program = shellProgram(asUnderstood(container));
  return {
    ...program,
    probe: (test) =>
      test[1] === 'test ! -e /tmp/sick'
        ? { exitCode: isSick ? 1 : 0, ...nothing }
        : (program.probe?.(test) ?? { exitCode: 0, ...nothing }),
    exec(words, io) {
      if (words[0] === 'cat' && io) return cat(io);
      if (words[2] !== 'echo x > /tmp/sick') return program.exec?.(words) ?? { exitCode: 127, ...nothing };
      isSick = true;
      return { exitCode: 0, ...nothing };
    },
  };
};

function cat(io: ExecIo): Promise<Outcome> {
  return new Promise((resolve) => {
    io.onInput((chunk) => {
      if (chunk) io.write(chunk.toString());
      else resolve({ exitCode: 0, ...nothing });
    });
  });
}

function asUnderstood(container: Container): Container {
  if (container.words[2] !== scripts.failsInSlot2[2]) return container;
  const words = container.variables.get('SLOT') === '2' ? scripts.failsAfter1s : scripts.steady;
  return { ...container, words };
}
