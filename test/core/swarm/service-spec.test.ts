import { describe, expect, it } from 'vitest';
import { entryScript } from '../../../src/core/swarm/scripts.ts';
import { taskHashOf, trialService } from '../../../src/core/swarm/service-spec.ts';
import {
  aDatabaseSpec,
  aPlatform,
  aStamp,
  aState,
  aWebSpec,
  secretObjects,
  someParts,
  withImage,
} from '../../support/builders.ts';

const second = 1_000_000_000;
const containerOf = (spec: ReturnType<typeof aWebSpec>) => spec.TaskTemplate.ContainerSpec;

describe('web', () => {
  it('is exactly one task and is stopped before the next one starts, always', () => {
    const { Mode, UpdateConfig, RollbackConfig } = aWebSpec(aState());

    expect(Mode).toEqual({ Replicated: { Replicas: 1 } });
    expect(UpdateConfig).toEqual({
      Parallelism: 1,
      FailureAction: 'rollback',
      Monitor: 15 * second,
      MaxFailureRatio: 0,
      Order: 'stop-first',
    });
    expect(RollbackConfig).toMatchObject({ Parallelism: 1, FailureAction: 'pause', Order: 'stop-first' });
  });

  it('has none of the capabilities of root, a limit of memory and of processes', () => {
    const spec = aWebSpec(aState());

    expect(containerOf(spec).CapabilityDrop).toEqual(['ALL']);
    expect(spec.TaskTemplate.Resources).toEqual({
      Limits: { MemoryBytes: 512 * 1024 * 1024, Pids: 512 },
      Reservations: { MemoryBytes: 256 * 1024 * 1024 },
    });
  });

  it('runs the image by digest with our entry script, not its own', () => {
    const { Image, Command, Args } = containerOf(aWebSpec(withImage('b')));

    expect(Image).toMatch(/@sha256:b{64}$/);
    expect(Command).toEqual(['/bin/sh', '-c', entryScript]);
    expect(Args).toBeUndefined();
  });

  it('is told by variables how to run, and nothing secret', () => {
    expect(containerOf(aWebSpec(aState({ variables: { TREATMENT: 'b', ROUNDS: '3' } }))).Env).toEqual([
      'OTREE_PRODUCTION=1',
      'OTREE_AUTH_LEVEL=STUDY',
      'FORWARDED_ALLOW_IPS=*',
      'PYTHONUNBUFFERED=1',
      'PORT=8000',
      'DATABASE_ADDRESS=my-exp_db:5432/otree?connect_timeout=5&keepalives_idle=60&keepalives_interval=10&keepalives_count=6&application_name=oforest-web',
      'ROUNDS=3',
      'TREATMENT=b',
    ]);
  });

  it('gets secrets as files named after their slots, with no value in the spec', () => {
    const spec = aWebSpec(aState({ secrets: ['API_KEY'] }));

    expect(containerOf(spec).Secrets?.map(({ File, SecretID }) => `${File.Name} ${SecretID}`)).toEqual([
      'API_KEY id-of-API_KEY',
      'DATABASE_PASSWORD id-of-DATABASE_PASSWORD',
      'OTREE_ADMIN_PASSWORD id-of-OTREE_ADMIN_PASSWORD',
      'OTREE_REST_KEY id-of-OTREE_REST_KEY',
      'OTREE_SECRET_KEY id-of-OTREE_SECRET_KEY',
    ]);
    expect(JSON.stringify(containerOf(spec).Env)).not.toMatch(/PASSWORD|_KEY/);
  });

  it('never sees the password of the superuser of Postgres', () => {
    expect(JSON.stringify(aWebSpec(aState()))).not.toContain('id-of-POSTGRES_PASSWORD');
  });

  it('cannot be built while a secret of it is missing', () => {
    expect(() => aWebSpec(aState({ secrets: ['API_KEY'] }), { parts: { secrets: secretObjects() } })).toThrow(
      'no secret object for the slot API_KEY',
    );
  });

  it('stays on the node of its database, in its own and the public network', () => {
    const { Placement, Networks } = aWebSpec(aState(), { parts: { nodeId: 'node7' } }).TaskTemplate;

    expect(Placement).toEqual({ Constraints: ['node.id==node7'] });
    expect(Networks).toEqual([{ Target: 'own-network' }, { Target: 'public-network' }]);
  });

  it('mounts memory for its project and nothing of the node', () => {
    expect(containerOf(aWebSpec(aState())).Mounts?.map(({ Type, Target }) => `${Type} ${Target}`)).toEqual([
      'tmpfs /oforest',
    ]);
  });

  it('publishes no port', () => {
    expect(aWebSpec(aState()).EndpointSpec).toEqual({ Mode: 'dnsrr' });
  });

  it('is asked for its page with room for a slow answer', () => {
    const { Test, ...times } = containerOf(aWebSpec(aState({ healthcheckPath: '/rooms', port: 9000 }))).Healthcheck!;

    expect(Test.slice(0, 3)).toEqual(['CMD', '/bin/sh', '-c']);
    expect(Test.slice(4)).toEqual(['oforest', '/rooms', '9000']);
    expect(times).toEqual({ Interval: 0.3 * second, Timeout: 45 * second, StartPeriod: 45 * second, Retries: 5 });
  });

  it('has its log limited', () => {
    expect(aWebSpec(aState()).TaskTemplate.LogDriver).toEqual({
      Name: 'json-file',
      Options: { 'max-size': '10m', 'max-file': '3' },
    });
  });

  it('says in labels what it is, so that docker stack and oforest list read services alone', () => {
    expect(
      aWebSpec(aState(), { stamp: aStamp({ release: 7, operation: 'op', epoch: 3, owner: 'ada' }) }).Labels,
    ).toEqual(
      expect.objectContaining({
        'com.docker.stack.namespace': 'my-exp',
        'com.docker.stack.image': 'registry.test/lab/my-exp:v1',
        'org.oforest.stack': 'my-exp',
        'org.oforest.part': 'web',
        'org.oforest.experiment': 'my-exp',
        'org.oforest.environment': 'production',
        'org.oforest.release': '7',
        'org.oforest.operation': 'op',
        'org.oforest.epoch': '3',
        'org.oforest.owner': 'ada',
        'org.oforest.host': 'my-exp.lab.test',
        'org.oforest.state': 'running',
      }),
    );
  });

  it('says when it is stopped', () => {
    const { Mode, Labels } = aWebSpec(aState(), { replicas: 0 });

    expect(Mode.Replicated.Replicas).toBe(0);
    expect(Labels['org.oforest.state']).toBe('stopped');
  });

  it('passes braces in a variable on as they are, past the templates of Swarm', () => {
    expect(containerOf(aWebSpec(aState({ variables: { GREETING: 'Hi {{name}}' } }))).Env?.at(-1)).toBe(
      'GREETING=Hi {{"{{"}}name}}',
    );
  });
});

describe('the hash of a task', () => {
  const hash = (...given: Parameters<typeof aWebSpec>) => taskHashOf(aWebSpec(...given));
  const usual = hash(aState());

  it.each([
    ['the image', hash(withImage('b'))],
    ['a variable', hash(aState({ variables: { TREATMENT: 'b' } }))],
    ['a secret', hash(aState({ secrets: ['API_KEY'] }))],
    ['the port', hash(aState({ port: 9000 }))],
    ['the memory', hash(aState({ memory: { reservationBytes: 1, limitBytes: 2 } }))],
    ['the health check', hash(aState({ healthcheckPath: '/rooms' }))],
    ['a fresh start', hash(aState(), { forceUpdate: 1 })],
    [
      'a new value of a secret',
      hash(aState(), { parts: { secrets: { ...secretObjects(), OTREE_REST_KEY: { id: 'new', name: 'new' } } } }),
    ],
  ])('changes with %s', (_what, changed) => {
    expect(changed).toMatch(/^[0-9a-f]{16}$/);
    expect(changed).not.toBe(usual);
  });

  it.each([
    ['the number of the release', hash(aState(), { stamp: aStamp({ release: 9 }) })],
    [
      'who runs it and in which operation',
      hash(aState(), { stamp: aStamp({ owner: 'bea', operation: 'x', epoch: 5 }) }),
    ],
    ['the address', hash(aState({ host: 'games.uni.test' }))],
    ['the platform', hash(aState(), { platform: aPlatform({ tls: { mode: 'none' } }) })],
    ['the name of the image', hash(aState({ imageGiven: 'registry.test/lab/my-exp:latest' }))],
    ['a stop', hash(aState(), { replicas: 0 })],
    ['paths that Traefik closes', hash(aState(), { closedPaths: ['/chat_export'] })],
  ])('stays with %s', (_what, same) => {
    expect(same).toBe(usual);
  });

  it('is on the container, where a running task shows it', () => {
    expect(containerOf(aWebSpec(aState())).Labels['org.oforest.task']).toBe(usual);
  });
});

describe('the trial', () => {
  const trial = trialService(aState({ variables: { TREATMENT: 'b' } }), someParts(), {
    stamp: aStamp(),
    database: 'otree_trial',
  });
  const web = aWebSpec(aState({ variables: { TREATMENT: 'b' } }));

  it("is web's own task", () => {
    const { Image, Command, Secrets, Healthcheck, CapabilityDrop, Mounts } = containerOf(web);

    expect(containerOf(trial)).toMatchObject({ Image, Command, Secrets, Healthcheck, CapabilityDrop, Mounts });
    expect(trial.TaskTemplate.Networks).toEqual(web.TaskTemplate.Networks);
    expect(trial.TaskTemplate.Placement).toEqual(web.TaskTemplate.Placement);
    expect(trial.TaskTemplate.Resources).toEqual(web.TaskTemplate.Resources);
  });

  it('runs on a scratch database', () => {
    const different = (containerOf(trial).Env ?? []).filter((line) => !containerOf(web).Env?.includes(line));

    expect(different).toEqual([
      expect.stringMatching(/^DATABASE_ADDRESS=my-exp_db:5432\/otree_trial\?/),
      'OFOREST_TRIAL=1',
    ]);
  });

  it('has no route: no visitor ever meets it', () => {
    expect(Object.keys(trial.Labels).filter((key) => key.startsWith('traefik.'))).toEqual([]);
  });

  it('is tried once', () => {
    expect(trial.TaskTemplate.RestartPolicy.Condition).toBe('none');
    expect(trial.Mode).toEqual({ Replicated: { Replicas: 1 } });
  });
});

describe('the database', () => {
  it('is pinned to one node by id, with its data in a volume of the stack', () => {
    const { TaskTemplate } = aDatabaseSpec({ node: 'node7' });

    expect(TaskTemplate.Placement).toEqual({ Constraints: ['node.id==node7'] });
    expect(TaskTemplate.ContainerSpec.Mounts).toEqual([
      expect.objectContaining({ Type: 'volume', Source: 'my-exp_db', Target: '/var/lib/postgresql/data' }),
    ]);
  });

  it("is in the stack's own network alone, and has no route", () => {
    const { TaskTemplate, Labels } = aDatabaseSpec();

    expect(TaskTemplate.Networks).toEqual([{ Target: 'own-network' }]);
    expect(Object.keys(Labels).filter((key) => key.startsWith('traefik.'))).toEqual([]);
  });

  it('is never two at a time, and an update that fails stops there', () => {
    const { Mode, UpdateConfig } = aDatabaseSpec();

    expect(Mode).toEqual({ Replicated: { Replicas: 1 } });
    expect(UpdateConfig).toMatchObject({ Order: 'stop-first', FailureAction: 'pause' });
  });

  it('reads its passwords from files', () => {
    const { Env, Secrets } = aDatabaseSpec().TaskTemplate.ContainerSpec;

    expect(Env).toContain('POSTGRES_PASSWORD_FILE=/run/secrets/POSTGRES_PASSWORD');
    expect(Secrets?.map(({ File }) => File.Name)).toEqual(['DATABASE_PASSWORD', 'POSTGRES_PASSWORD']);
  });
});
