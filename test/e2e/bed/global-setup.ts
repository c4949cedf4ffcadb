import { bedIsUp, startBed, stopBed } from './bed.ts';

/** The bed for one run of the end-to-end suite. A bed that was up before stays up, and so does any with OFOREST_BED_KEEP=1. */
export default async function setup(): Promise<() => Promise<void>> {
  const wasUp = await bedIsUp();
  await startBed((line) => console.log(`bed: ${line}`));
  return async () => {
    if (!wasUp && process.env.OFOREST_BED_KEEP !== '1') await stopBed();
  };
}
