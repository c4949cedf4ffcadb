import { type FaultPlan, noFaults } from '../../src/sandbox/engine/faults.ts';
import type { SandboxJson } from '../../src/sandbox/sandbox.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';

/** The sandbox that an operation begins on, to be opened for each thing that may go wrong with it. */
export interface Beginning {
  readonly saved: SandboxJson;
  /** Of the virtual clock. */
  readonly at: number;
}

export function beginningOf({ sandbox }: SandboxLab): Beginning {
  return { saved: structuredClone(sandbox.toJSON()), at: sandbox.timeline.now() };
}

export async function openBeginning({ saved, at }: Beginning): Promise<SandboxLab> {
  return await openSandboxLab({ saved: structuredClone(saved), start: at });
}

/** The work under these faults. They end with it: it may need fewer requests than last time, and whoever looks at what it left is not to be struck. */
export async function underFaults<Result>(
  { sandbox: { engine } }: SandboxLab,
  faults: FaultPlan,
  work: () => Promise<Result>,
): Promise<Result> {
  engine.faults = faults;
  const result = await work();
  engine.faults = noFaults;
  return result;
}
