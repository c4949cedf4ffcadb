import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describeContract } from '../contract/run-contract.ts';
import { contractTarget } from '../contract/target.ts';
import { readBed } from './bed/bed.ts';

describeContract('dockerd 20.10.24', async () => {
  const { dockerSocket, registry, images } = readBed();
  return contractTarget({
    name: 'dockerd',
    image: await pinned(images['otree:6.0.15']),
    missingImage: `${registry}/contract-missing:1`,
    dial: () => connect(dockerSocket),
    wait: (ms) => pause(ms),
  });
});

async function pinned(reference: string): Promise<string> {
  const [registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference)?.slice(1) ?? [];
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const { headers } = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
  return `${registry}/${repository}:${tag}@${headers.get('docker-content-digest')}`;
}
