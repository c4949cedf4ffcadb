/** `npm run bed up | down | status`: the lab that the end-to-end tests and the benchmarks run on. */
import { rm } from 'node:fs/promises';
import { readBed, startBed, stopBed } from './bed.ts';
import { bedDir } from './layout.ts';

const [command, option] = process.argv.slice(2);
try {
  if (command === 'up') {
    const startedAt = performance.now();
    await startBed((line) => console.log(`  ${line}`));
    console.log(
      `The bed is up after ${((performance.now() - startedAt) / 1000).toFixed(0)} s; its facts are in ${bedDir}/bed.json.`,
    );
  } else if (command === 'down') {
    await stopBed();
    if (option === '--purge') await rm(bedDir, { recursive: true, force: true });
    console.log('The bed is down.');
  } else if (command === 'status') {
    console.log(JSON.stringify(readBed(), undefined, 2));
  } else {
    console.error('usage: npm run bed up | down [--purge] | status');
    process.exitCode = 2;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
