import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../../../src/core/domain/experiment-name.ts';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import type { Review } from '../../../../src/core/operations/review/review.ts';
import {
  reviewAddress,
  reviewChange,
  reviewDeploy,
  reviewRollback,
} from '../../../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStart, reviewStop } from '../../../../src/core/operations/review/review-running.ts';
import type { RegistryGateway } from '../../../../src/core/registry/gateway.ts';
import type { ObservedStack } from '../../../../src/core/swarm/observe-stack.ts';
import {
  aNode,
  aPlatform,
  aRelease,
  aState,
  asService,
  aWebSpec,
  deployed,
  digestOf,
  nothingDeployed,
  secretObjects,
  withImage,
} from '../../../support/builders.ts';
import { swarmShowing } from '../../../support/showing-swarm.ts';

const { signal } = new AbortController();
const subject = { experiment: parseExperimentName('my-exp'), environment: parseEnvironment('production') };

/** Every reference means this digest. */
function registryWith(letter: string, architecture = 'amd64'): RegistryGateway {
  return {
    resolve: async (reference) => ({
      reference: { ...reference, digest: digestOf(letter) },
      platforms: [{ os: 'linux', architecture }],
    }),
  };
}

/** Nobody may ask it. */
const noRegistry: RegistryGateway = {
  resolve: async () => {
    throw new Error('the registry was asked');
  },
};

const needs = (observed: ObservedStack, registry = noRegistry) => ({
  swarm: swarmShowing(observed),
  registry,
  signal,
});
const stateOf = ({ work }: Review) => (work.kind === 'run-release' ? work.state : undefined);
const actions = ({ plan }: Review) => plan.map(({ action, name }) => `${action} ${name}`);

describe('the review of a deployment', () => {
  const image = 'registry.test/lab/my-exp:v2';

  it('asks the registry what the image means now, and pins that', async () => {
    const review = await reviewDeploy({ ...subject, image }, needs(deployed(), registryWith('b')));

    expect(stateOf(review)).toMatchObject({
      imageGiven: 'registry.test/lab/my-exp:v2',
      image: `registry.test/lab/my-exp:v2@${digestOf('b')}`,
    });
    expect(review).toMatchObject({
      stack: 'my-exp',
      verb: 'deploy',
      url: 'https://my-exp.lab.test',
      serving: 1,
      newSecrets: [],
    });
    expect(actions(review)).toEqual(['update my-exp_web']);
  });

  it('gives a first release the defaults and the address made from its name', async () => {
    const review = await reviewDeploy({ ...subject, image }, needs(nothingDeployed(), registryWith('a')));

    expect(stateOf(review)).toEqual(aState({ imageGiven: image, image: `${image}@${digestOf('a')}` }));
    expect(review.serving).toBeUndefined();
  });

  it('keeps every setting that is not given', async () => {
    const before = aState({ port: 9000, variables: { TREATMENT: 'b' }, cpus: 2, host: 'games.uni.test' });
    const review = await reviewDeploy(
      { ...subject, image, settings: { healthcheckPath: '/rooms' } },
      needs(deployed(before), registryWith('b')),
    );

    expect(stateOf(review)).toMatchObject({
      port: 9000,
      variables: { TREATMENT: 'b' },
      cpus: 2,
      host: 'games.uni.test',
      healthcheckPath: '/rooms',
    });
  });

  it('takes up settings that were stored for later', async () => {
    const later = aRelease(2, { outcome: 'stored', state: aState({ variables: { TREATMENT: 'later' } }) });
    const observed = deployed(aState(), {}, { releases: [later, aRelease(1)] });

    expect(stateOf(await reviewDeploy({ ...subject, image }, needs(observed, registryWith('b'))))).toMatchObject({
      variables: { TREATMENT: 'later' },
    });
  });

  it('does not start from a release that failed', async () => {
    const failed = aRelease(2, { outcome: 'failed', state: aState({ variables: { TREATMENT: 'broken' } }) });
    const observed = deployed(aState(), {}, { releases: [failed, aRelease(1)] });

    expect(stateOf(await reviewDeploy({ ...subject, image }, needs(observed, registryWith('b'))))).toMatchObject({
      variables: {},
    });
  });

  it('finds nothing to do for the image that runs', async () => {
    expect((await reviewDeploy({ ...subject, image }, needs(deployed(), registryWith('a')))).plan).toEqual([]);
  });

  it('finds nothing to do for the image that runs under another tag', async () => {
    const observed = deployed(aState({ image: `registry.test/lab/my-exp:v1@${digestOf('a')}` }));
    const again = await reviewDeploy({ ...subject, image }, needs(observed, registryWith('a')));
    const rebuilt = await reviewDeploy({ ...subject, image }, needs(observed, registryWith('b')));

    expect(again.plan).toEqual([]);
    expect(actions(rebuilt)).toEqual(['update my-exp_web']);
  });

  it('runs the same image from another registry anew, because that is where it is pulled from', async () => {
    const moved = { ...subject, image: 'registry-2.test/lab/my-exp:v1' };

    expect(actions(await reviewDeploy(moved, needs(deployed(), registryWith('a'))))).toEqual(['update my-exp_web']);
  });

  it('refuses an image for another processor, and says what serves', async () => {
    await expect(
      reviewDeploy({ ...subject, image }, needs(deployed(), registryWith('b', 'arm64'))),
    ).rejects.toMatchObject({
      code: 'image-platform-wrong',
      why: 'The image is built for linux/arm64; the server is linux/x86_64.',
      now: 'v1 serves, untouched.',
      details: { serves: 'v1' },
    });
  });

  it('minds the processor of the database’s node alone, because web runs there', async () => {
    const arm = aNode('node2', {
      Description: { Hostname: 'arm', Platform: { OS: 'linux', Architecture: 'aarch64' } },
    });
    const observed = deployed(aState(), {}, { nodes: [aNode('node1'), arm] });

    await expect(
      reviewDeploy({ ...subject, image }, needs(observed, registryWith('b', 'arm64'))),
    ).rejects.toMatchObject({ code: 'image-platform-wrong' });
  });

  it('refuses the name of a Docker stack that is not ours', async () => {
    const foreign = asService({ ...aWebSpec(aState()), Labels: { 'com.docker.stack.namespace': 'my-exp' } });
    const swarm = swarmShowing(nothingDeployed(), [foreign]);

    await expect(
      reviewDeploy({ ...subject, image }, { swarm, registry: registryWith('a'), signal }),
    ).rejects.toMatchObject({ code: 'name-taken' });
  });

  it('refuses an address that another study has', async () => {
    const other = asService(aWebSpec(aState({ host: 'games.uni.test' })), { ID: 'other' });
    Object.assign(other.Spec.Labels, { 'org.oforest.stack': 'trust-game', 'com.docker.stack.namespace': 'trust-game' });
    const swarm = swarmShowing(nothingDeployed(), [other]);
    const address = parseHostName('games.uni.test');

    await expect(
      reviewDeploy({ ...subject, image, address }, { swarm, registry: registryWith('a'), signal }),
    ).rejects.toMatchObject({ code: 'address-taken', why: 'trust-game has it.' });
  });

  it('asks for an address where the server lends out fixed ones, and names them', async () => {
    const platform = aPlatform({ addresses: ['one.uni.test', 'two.uni.test'] });

    await expect(
      reviewDeploy({ ...subject, image }, needs(nothingDeployed({ platform }), registryWith('a'))),
    ).rejects.toMatchObject({
      code: 'address-taken',
      hint: 'Choose one: `--address HOST` with one.uni.test, two.uni.test.',
    });
  });

  it('refuses a secret without a value', async () => {
    const settings = { secrets: ['API_KEY'] };

    await expect(
      reviewDeploy({ ...subject, image, settings }, needs(deployed(), registryWith('b'))),
    ).rejects.toMatchObject({
      code: 'variable-not-found',
      hint: 'Store it first: `oforest secret set my-exp API_KEY`.',
    });
  });

  it('passes on why the registry did not answer', async () => {
    const registry: RegistryGateway = {
      resolve: async () => {
        throw new ExpectedError('registry-unreachable', 'asking registry.test');
      },
    };

    await expect(reviewDeploy({ ...subject, image }, needs(deployed(), registry))).rejects.toMatchObject({
      code: 'registry-unreachable',
    });
  });
});

describe('the review of a rollback', () => {
  /** v4 serves; v3 failed; v2 had the same image as v4; v1 another. */
  const history = [
    aRelease(4, { state: withImage('b', { host: 'games.uni.test' }) }),
    aRelease(3, { state: withImage('c'), outcome: 'failed' }),
    aRelease(2, { state: withImage('b') }),
    aRelease(1, { state: withImage('a', { variables: { TREATMENT: 'first' } }) }),
  ];
  function afterFour(): ObservedStack {
    const observed = deployed(withImage('b', { host: 'games.uni.test' }), {}, { releases: history });
    Object.assign(observed.web?.Spec.Labels ?? {}, { 'org.oforest.release': '4' });
    return observed;
  }

  it('goes to the newest release before this one that served another image', async () => {
    const review = await reviewRollback(subject, needs(afterFour()));

    expect(review.work).toMatchObject({ kind: 'run-release', source: 1 });
    expect(stateOf(review)).toMatchObject({ variables: { TREATMENT: 'first' } });
  });

  it('goes to a named one', async () => {
    expect((await reviewRollback({ ...subject, to: 2 }, needs(afterFour()))).work).toMatchObject({ source: 2 });
  });

  it('leaves the study its address: links that were given out stay good', async () => {
    expect(stateOf(await reviewRollback({ ...subject, to: 1 }, needs(afterFour())))?.host).toBe('games.uni.test');
  });

  it('goes to no release that never served', async () => {
    await expect(reviewRollback({ ...subject, to: 3 }, needs(afterFour()))).rejects.toMatchObject({
      code: 'release-not-found',
      why: 'v3 never served: it failed.',
      now: 'v4 serves, untouched.',
    });
  });

  it('goes to no release that is not there', async () => {
    await expect(reviewRollback({ ...subject, to: 9 }, needs(afterFour()))).rejects.toMatchObject({
      why: 'There is no v9 (any more).',
    });
    await expect(reviewRollback(subject, needs(deployed()))).rejects.toMatchObject({
      why: 'There is no earlier release.',
    });
  });
});

describe('the review of a change of settings', () => {
  it('starts from the newest release that holds, and updates web', async () => {
    const review = await reviewChange(
      { ...subject, verb: 'variable', change: (state) => ({ ...state, variables: { TREATMENT: 'b' } }) },
      needs(deployed()),
    );

    expect(review.verb).toBe('variable');
    expect(review.plan).toEqual([
      expect.objectContaining({ because: 'variables change: TREATMENT', interrupts: true }),
    ]);
  });

  it('finds nothing to do for what is set already', async () => {
    const state = aState({ variables: { TREATMENT: 'b' } });
    const change = { ...subject, verb: 'variable', change: () => state } as const;

    expect((await reviewChange(change, needs(deployed(state)))).plan).toEqual([]);
  });

  it('plans with a new secret before it is stored, and keeps its value out of the plan', async () => {
    const value = new Secret('open sesame');
    const review = await reviewChange(
      {
        ...subject,
        verb: 'secret',
        change: (state) => ({ ...state, secrets: ['API_KEY'] }),
        newSecrets: [{ slot: 'API_KEY', value }],
      },
      needs(deployed()),
    );

    expect(review.newSecrets).toEqual([{ slot: 'API_KEY', value }]);
    expect(actions(review)).toEqual(['update my-exp_web']);
    expect(JSON.stringify(review)).not.toContain('open sesame');
  });

  it('plans an update for a new value of the same secret', async () => {
    const state = aState({ secrets: ['API_KEY'] });
    const review = await reviewChange(
      {
        ...subject,
        verb: 'secret',
        change: (same) => same,
        newSecrets: [{ slot: 'API_KEY', value: new Secret('another') }],
      },
      needs(deployed(state)),
    );

    expect(review.plan).toEqual([expect.objectContaining({ because: 'a new value of API_KEY' })]);
  });

  it('of the address goes back to the one made from the name', async () => {
    const observed = deployed(aState({ host: 'games.uni.test' }));
    const review = await reviewAddress({ ...subject, host: undefined }, needs(observed));

    expect(stateOf(review)?.host).toBe('my-exp.lab.test');
    expect(review.plan).toEqual([expect.objectContaining({ action: 'relabel', interrupts: false })]);
    expect(review.url).toBe('https://my-exp.lab.test');
  });
});

describe('the review of start, stop and restart', () => {
  const running = () => needs(deployed());
  const stopped = () => needs(deployed(aState(), { replicas: 0 }));

  it('says what people would notice', async () => {
    expect((await reviewStop(subject, running())).plan).toEqual([
      expect.objectContaining({ action: 'stop', name: 'my-exp_web', interrupts: true }),
    ]);
    expect((await reviewRestart(subject, running())).plan).toEqual([
      expect.objectContaining({ action: 'restart', interrupts: true }),
    ]);
    expect((await reviewStart(subject, stopped())).plan).toEqual([
      expect.objectContaining({ action: 'start', interrupts: false }),
    ]);
  });

  it('finds nothing to do when it is so already', async () => {
    expect((await reviewStart(subject, running())).plan).toEqual([]);
    expect((await reviewStop(subject, stopped())).plan).toEqual([]);
  });

  it('refuses to restart what is stopped, and names the command', async () => {
    await expect(reviewRestart(subject, stopped())).rejects.toMatchObject({
      code: 'experiment-stopped',
      hint: 'Start it with `oforest start my-exp`.',
    });
  });

  it('serves nothing while it is stopped', async () => {
    expect((await reviewStart(subject, stopped())).serving).toBeUndefined();
    expect((await reviewStop(subject, running())).serving).toBe(1);
  });
});

describe('a study that was never deployed', () => {
  const nothing = () => needs(nothingDeployed({ secrets: secretObjects() }));

  it.each([
    ['stop', () => reviewStop(subject, nothing())],
    ['start', () => reviewStart(subject, nothing())],
    ['rollback', () => reviewRollback(subject, nothing())],
    ['variable', () => reviewChange({ ...subject, verb: 'variable', change: (state) => state }, nothing())],
  ])('has nothing to %s', async (_verb, review) => {
    await expect(review()).rejects.toMatchObject({ code: 'experiment-not-found' });
  });
});

describe('a Swarm that was never prepared', () => {
  it('is told so', async () => {
    const swarm = { ...swarmShowing(nothingDeployed()), findNetworks: async () => [] };

    await expect(reviewStop(subject, { swarm })).rejects.toMatchObject({ code: 'platform-missing' });
  });
});
