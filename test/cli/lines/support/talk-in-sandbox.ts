import { say } from '../../../../src/cli/lines/say.ts';
import { createTalk } from '../../../../src/cli/lines/talk.ts';
import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import { createCarryOut } from '../../../../src/cli/tui/runtime/carry-out.ts';
import type { TerminalDoor } from '../../../../src/cli/tui/runtime/terminal-door.ts';
import type { SandboxLab } from '../../../support/sandbox-lab.ts';
import { aContext } from '../../a-context.ts';
import { followSandbox } from '../../tui/support/follow-sandbox.ts';

/** Somebody who listens to a sandbox in this process and answers it, in its own time. */
export interface SandboxTalk extends AsyncDisposable {
  /** What was read out since it was last asked for. */
  heard(): readonly string[];
  /** What is read out after this answer, until nothing goes on any more. */
  answer(line: string): Promise<readonly string[]>;
  /** What the person left with. */
  readonly left: number | undefined;
}

export async function talkInSandbox(lab: SandboxLab): Promise<SandboxTalk> {
  let carryOut: (effect: Effect) => void = () => {};
  let left: number | undefined;
  const followed = await followSandbox(lab, { carryOut: (effect) => carryOut(effect) });
  const { store, following } = followed;
  let lines: string[] = [];
  const now = () => lab.clock.now().getTime();
  const talk = createTalk({ store, print: (line) => lines.push(line), now, isScript: false });
  const terminal: TerminalDoor = {
    copy(text, what) {
      talk.readOut([`${what}:`, ...text.split('\n')]);
      return 'read-out';
    },
    browse: (url) => talk.readOut([`The address is ${url}`]),
    repaint() {},
    async suspend() {},
    leave(exitCode) {
      left = exitCode;
    },
  };
  carryOut = createCarryOut({
    context: { ...aContext(), signal: lab.signal },
    ...{
      dispatch: store.dispatch,
      server: () => lab.server,
      reached: async () => lab.server,
      lookAgain: following.lookAgain,
      terminal,
    },
    clock: lab.clock,
    async startRunner(operation) {
      void lab.runAccepted(operation);
      return { where: 'keeper' };
    },
  });
  const settle = async () => {
    do await followed.pass(1);
    while (say(store.read()).waitsFor !== undefined);
    await followed.pass(1);
  };
  const heard = () => {
    const told = lines;
    lines = [];
    return told;
  };
  await settle();
  return {
    heard,
    async answer(line) {
      heard();
      talk.hear(line);
      await settle();
      return heard();
    },
    get left() {
      return left;
    },
    async [Symbol.asyncDispose]() {
      talk.close();
      await followed[Symbol.asyncDispose]();
    },
  };
}
