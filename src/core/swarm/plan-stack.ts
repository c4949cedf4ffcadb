import type { Change } from '../domain/change.ts';
import type { WantedState } from '../domain/release.ts';
import { namesOf } from '../domain/stack-name.ts';
import type { Labels } from './engine-types.ts';
import { dockerLabel, label } from './labels.ts';
import { databaseNodeId, isStopped, type ObservedStack, servingRelease } from './observe-stack.ts';
import { closedPathsOf } from './otree-version.ts';
import { taskHashOf, webService } from './service-spec.ts';
import { databaseSlots, webSlots } from './slots.ts';

/** What makes the observed stack run the wanted state; an empty plan is a good answer. Nothing is written here. */
export function planStack(wanted: WantedState, observed: ObservedStack): readonly Change[] {
  return [...planNetwork(observed), ...planSecrets(observed), ...planDatabase(observed), ...planWeb(wanted, observed)];
}

function planNetwork({ stack, network }: ObservedStack): Change[] {
  if (network) return [];
  const because = 'the study needs a network of its own that no other study can reach';
  return [{ action: 'create', subject: 'network', name: namesOf(stack).network, because, interrupts: false }];
}

/** Slots without an object: made by us, at random, when the operation runs. */
export function missingSlots({ secrets }: Pick<ObservedStack, 'secrets'>): readonly string[] {
  return [...new Set([...databaseSlots, ...webSlots])].filter((slot) => secrets[slot] === undefined);
}

function planSecrets(observed: ObservedStack): Change[] {
  return missingSlots(observed).map((slot) => ({
    action: 'create',
    subject: 'secret',
    name: slot,
    because: 'it does not exist yet; a random one is made',
    interrupts: false,
  }));
}

function planDatabase({ stack, db }: ObservedStack): Change[] {
  const name = namesOf(stack).db;
  if (!db)
    return [{ action: 'create', subject: 'db', name, because: 'the study has no database yet', interrupts: false }];
  if (db.Spec.Mode.Replicated?.Replicas === 0)
    return [{ action: 'start', subject: 'db', name, because: 'the database is stopped', interrupts: false }];
  return [];
}

function planWeb(wanted: WantedState, observed: ObservedStack): Change[] {
  const { web, stack, network, publicNetwork, secrets, platform } = observed;
  const name = namesOf(stack).web;
  const nodeId = databaseNodeId(observed);
  if (!web || !network || nodeId === undefined || missingSlots(observed).length > 0) {
    const because = web ? 'its network, secrets or database are made anew' : 'the study does not run yet';
    return [{ action: web ? 'update' : 'create', subject: 'web', name, because, interrupts: web !== undefined }];
  }

  const serving = servingRelease(observed);
  const otree = observed.releases.find((release) => release.state.image === wanted.image && release.otree)?.otree;
  const desired = webService(
    wanted,
    { stack, networkId: network.Id, publicNetworkId: publicNetwork.Id, nodeId, secrets },
    {
      platform,
      stamp: { release: serving?.number ?? 0, operation: '', epoch: 0, owner: '' },
      replicas: 1,
      forceUpdate: web.Spec.TaskTemplate.ForceUpdate,
      closedPaths: closedPathsOf(otree),
    },
  );
  if (taskHashOf(desired) !== taskHashOf(web.Spec))
    return [
      {
        action: 'update',
        subject: 'web',
        name,
        because: whyTaskChanges(wanted, serving?.state, observed),
        interrupts: !isStopped(observed),
      },
    ];
  if (isStopped(observed))
    return [{ action: 'start', subject: 'web', name, because: 'the study is stopped', interrupts: false }];
  const different = differentLabels(desired.Labels, web.Spec.Labels);
  if (different.length === 0) return [];
  const because = different.includes(label.host)
    ? `its address changes from ${web.Spec.Labels[label.host]} to ${wanted.host}`
    : `its labels change (${different.join(', ')})`;
  return [{ action: 'relabel', subject: 'web', name, because, interrupts: false }];
}

/** Labels that say who wrote the spec last, not what it does. */
const stamps: readonly string[] = [label.release, label.operation, label.epoch, label.owner, dockerLabel.image];

function differentLabels(desired: Labels, actual: Labels): readonly string[] {
  const keys = new Set([...Object.keys(desired), ...Object.keys(actual)]);
  return [...keys].filter(
    (key) => !stamps.includes(key) && !key.endsWith('.X-OForest-Release') && desired[key] !== actual[key],
  );
}

function whyTaskChanges(
  wanted: WantedState,
  serving: WantedState | undefined,
  { web, secrets }: ObservedStack,
): string {
  const reasons = serving ? describeDifferences(serving, wanted) : [];
  const mounted = web?.Spec.TaskTemplate.ContainerSpec?.Secrets ?? [];
  const renewed = Object.entries(secrets).filter(
    ([slot, { id }]) =>
      (webSlots.includes(slot) || wanted.secrets.includes(slot)) && !mounted.some(({ SecretID }) => SecretID === id),
  );
  if (renewed.length > 0) reasons.push(`a new value of ${renewed.map(([slot]) => slot).join(', ')}`);
  return reasons.length > 0 ? reasons.join('; ') : 'this version of oForest starts it in another way';
}

/** In words, without the values of variables: they may be nobody else's business. */
export function describeDifferences(from: WantedState, to: WantedState): string[] {
  const reasons: string[] = [];
  if (from.image !== to.image) reasons.push(`the image changes to ${to.imageGiven} (${shortDigest(to.image)})`);
  const names = new Set([...Object.keys(from.variables), ...Object.keys(to.variables)]);
  const variables = [...names].filter((name) => from.variables[name] !== to.variables[name]);
  if (variables.length > 0) reasons.push(`variables change: ${variables.sort().join(', ')}`);
  const secrets = [...new Set([...from.secrets, ...to.secrets])].filter(
    (name) => from.secrets.includes(name) !== to.secrets.includes(name),
  );
  if (secrets.length > 0) reasons.push(`secrets change: ${secrets.sort().join(', ')}`);
  if (from.port !== to.port) reasons.push(`the port changes from ${from.port} to ${to.port}`);
  if (from.memory.limitBytes !== to.memory.limitBytes || from.memory.reservationBytes !== to.memory.reservationBytes)
    reasons.push(`the memory limit changes to ${Math.round(to.memory.limitBytes / 1024 / 1024)} MB`);
  if (from.cpus !== to.cpus) reasons.push(`the processor limit changes to ${to.cpus ?? 'none'}`);
  if (from.healthcheckPath !== to.healthcheckPath) reasons.push(`the health check asks ${to.healthcheckPath}`);
  if (from.host !== to.host) reasons.push(`the address changes to ${to.host}`);
  return reasons;
}

export function shortDigest(image: string): string {
  return (image.split('@sha256:')[1] ?? '').slice(0, 12);
}
