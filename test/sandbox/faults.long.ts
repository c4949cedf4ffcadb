import { describe, expect, it } from 'vitest';
import { prepareSweep, sweepOne, sweptFaults, sweptOperations } from './fault-sweep.ts';

describe.each(sweptOperations)('every fault at every request of: $name', (operation) => {
  it('leaves a whole stack, says what is true, and the same command finishes it', async () => {
    const prepared = await prepareSweep(operation);
    const problems: string[] = [];
    let runs = 0;
    for (const fault of sweptFaults)
      for (let request = 1; request <= prepared.requests; request += 1) {
        runs += 1;
        const problem = await sweepOne(prepared, fault, request);
        if (!problem) continue;
        problems.push(`${fault.kind} at request ${request} of ${prepared.requests}: ${problem}`);
        console.log(problems.at(-1));
      }
    console.log(`${operation.name}: ${runs} runs, ${problems.length} failures`);
    expect(problems).toEqual([]);
  });
});
