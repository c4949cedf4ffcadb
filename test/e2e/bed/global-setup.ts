import { startBed, stopBed } from './bed.ts';

/** The bed for one run of the end-to-end suite; OFOREST_BED_KEEP=1 leaves it up for the next. */
export default async function setup(): Promise<() => Promise<void>> {
  await startBed((line) => console.log(`bed: ${line}`));
  return async () => {
    if (process.env.OFOREST_BED_KEEP !== '1') await stopBed();
  };
}
