import { Platform } from '../domain/platform.ts';
import { ExpectedError } from '../errors.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { checkFormat, recordLabels } from './record.ts';

const prefix = 'of.platform.';
/** Earlier settings stay readable for a while; nothing depends on them. */
const kept = 5;

/** The newest platform settings; undefined on a Swarm that was never prepared. */
export async function findPlatform(swarm: SwarmGateway): Promise<(Platform & { number: number }) | undefined> {
  const [newest] = await platformRecords(swarm);
  if (!newest) return undefined;
  checkFormat(newest.config);
  return { ...Platform.parse(JSON.parse(newest.config.Spec.Data.toString('utf8'))), number: newest.number };
}

/** Throws `platform-missing`. */
export async function loadPlatform(swarm: SwarmGateway): Promise<Platform> {
  const platform = await findPlatform(swarm);
  if (platform) return platform;
  throw new ExpectedError('platform-missing', 'reading the platform settings of the server', {
    why: 'This Swarm was never prepared for oForest.',
    now: 'Nothing was changed.',
    hint: 'Run `oforest server prepare NAME --domain lab.example.edu` once.',
  });
}

/** Writes new settings beside the old; true when it won the number. */
export async function savePlatform(swarm: SwarmGateway, platform: Platform): Promise<void> {
  const records = await platformRecords(swarm);
  const number = (records[0]?.number ?? 0) + 1;
  const id = await swarm.createConfig(
    `${prefix}${number}`,
    recordLabels('platform', undefined, { [label.number]: String(number) }),
    Buffer.from(JSON.stringify(platform)),
  );
  if (id === undefined)
    throw new ExpectedError('version-conflict', 'saving the platform settings', {
      why: 'Somebody else saved settings at the same moment.',
      now: 'Theirs are in force.',
      hint: 'Run `oforest server check`, then prepare again if yours should hold.',
    });
  for (const { config } of records.slice(kept - 1)) await swarm.removeConfig(config.ID);
}

async function platformRecords(swarm: SwarmGateway) {
  const configs = await swarm.listConfigs({ label: label.kind, value: 'platform' });
  return configs
    .map((config) => ({ config, number: Number(config.Spec.Labels[label.number] ?? 0) }))
    .sort((a, b) => b.number - a.number);
}
