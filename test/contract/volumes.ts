import { type Bench, steadyService } from './bench.ts';
import { untilRunning } from './bench-waits.ts';

export interface Mounted {
  readonly serviceId: string;
  readonly containerId: string;
  /** The volume's name. */
  readonly volume: string;
}

/** Runs a container that has a volume of its own at /store, and removes both afterwards. */
export async function withVolume(bench: Bench, use: (mounted: Mounted) => Promise<void>): Promise<void> {
  const volume = bench.unique('store');
  const Labels = { purpose: volume };
  const Mounts = [{ Type: 'volume', Source: volume, Target: '/store', VolumeOptions: { Labels } }];
  const serviceId = await bench.create('services', steadyService(bench, { container: { Mounts } }));
  const [task] = await untilRunning(bench, serviceId);
  try {
    await use({ serviceId, containerId: task?.Status.ContainerStatus?.ContainerID ?? '', volume });
  } finally {
    await bench.delete(`/services/${serviceId}`);
    await bench.until('the volume is gone', async () => (await bench.delete(`/volumes/${volume}`)).status !== 409);
  }
}
