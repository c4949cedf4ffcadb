import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/domain/change.ts';
import { describeDifferences, planStack, shortDigest } from '../../../src/core/swarm/plan-stack.ts';
import { aPlatform, aRelease, aState, deployed, nothingDeployed, withImage } from '../../support/builders.ts';

/** `! update web my-exp_web: because`, where `!` marks what people would notice. */
const lines = (plan: readonly Change[]) =>
  plan.map(
    ({ action, subject, name, because, interrupts }) =>
      `${interrupts ? '! ' : ''}${action} ${subject} ${name}: ${because}`,
  );

describe('the plan of a first deployment', () => {
  it('makes network, passwords, database and web, in this order, and interrupts nobody', () => {
    expect(lines(planStack(aState(), nothingDeployed()))).toEqual([
      'create network my-exp_default: the study needs a network of its own that no other study can reach',
      'create secret POSTGRES_PASSWORD: it does not exist yet; a random one is made',
      'create secret DATABASE_PASSWORD: it does not exist yet; a random one is made',
      'create secret OTREE_ADMIN_PASSWORD: it does not exist yet; a random one is made',
      'create secret OTREE_SECRET_KEY: it does not exist yet; a random one is made',
      'create secret OTREE_REST_KEY: it does not exist yet; a random one is made',
      'create db my-exp_db: the study has no database yet',
      'create web my-exp_web: the study does not run yet',
    ]);
  });

  it('makes only what an interrupted one has not made', () => {
    const { network, secrets } = deployed();

    expect(lines(planStack(aState(), nothingDeployed({ network, secrets })))).toEqual([
      'create db my-exp_db: the study has no database yet',
      'create web my-exp_web: the study does not run yet',
    ]);
  });
});

describe('the plan of a stack that is as wanted', () => {
  it('is empty', () => {
    expect(planStack(aState(), deployed(aState()))).toEqual([]);
  });

  it('is empty whatever the order of the variables', () => {
    const state = aState({ variables: { ROUNDS: '3', TREATMENT: 'a' } });

    expect(planStack(aState({ variables: { TREATMENT: 'a', ROUNDS: '3' } }), deployed(state))).toEqual([]);
  });

  it('is empty for an image that is called differently and is the same', () => {
    expect(planStack(aState({ imageGiven: 'registry.test/lab/my-exp:latest' }), deployed())).toEqual([]);
  });

  it('is empty although releases, operations and owners come and go', () => {
    const observed = deployed(aState(), {}, { releases: [aRelease(2, { outcome: 'failed' }), aRelease(1)] });
    Object.assign(observed.web?.Spec.Labels ?? {}, {
      'org.oforest.operation': 'another',
      'org.oforest.epoch': '17',
      'org.oforest.owner': 'bea@lab (SSH, not verified)',
    });

    expect(planStack(aState(), observed)).toEqual([]);
  });
});

describe('the plan of a change', () => {
  it('updates web, and says which image it becomes', () => {
    expect(lines(planStack(withImage('b', { imageGiven: 'registry.test/lab/my-exp:v2' }), deployed()))).toEqual([
      '! update web my-exp_web: the image changes to registry.test/lab/my-exp:v2 (bbbbbbbbbbbb)',
    ]);
  });

  it('names changed variables without their values', () => {
    const from = aState({ variables: { TREATMENT: 'hush', ROUNDS: '3' } });
    const [line] = lines(
      planStack(aState({ variables: { TREATMENT: 'quiet', ROUNDS: '3', PAY: '5' } }), deployed(from)),
    );

    expect(line).toBe('! update web my-exp_web: variables change: PAY, TREATMENT');
  });

  it('gives all reasons at once', () => {
    const wanted = aState({
      port: 8080,
      cpus: 0.5,
      healthcheckPath: '/rooms',
      memory: { reservationBytes: 128 * 1024 * 1024, limitBytes: 1024 * 1024 * 1024 },
    });

    expect(lines(planStack(wanted, deployed()))).toEqual([
      '! update web my-exp_web: the port changes from 8000 to 8080; the memory limit changes to 1024 MB; ' +
        'the processor limit changes to 0.5; the health check asks /rooms',
    ]);
  });

  it('updates web when a secret has a new value, and names the secret only', () => {
    const state = aState({ secrets: ['API_KEY'] });
    const observed = deployed(state);
    const secrets = { ...observed.secrets, API_KEY: { id: 'another', name: 'my-exp_another' } };

    expect(lines(planStack(state, { ...observed, secrets }))).toEqual([
      '! update web my-exp_web: a new value of API_KEY',
    ]);
  });

  it('leaves web alone when only the superuser of Postgres has a new password', () => {
    const observed = deployed();
    const secrets = { ...observed.secrets, POSTGRES_PASSWORD: { id: 'another', name: 'my-exp_another' } };

    expect(planStack(aState(), { ...observed, secrets })).toEqual([]);
  });

  it('of the address alone changes labels, which nobody notices', () => {
    expect(lines(planStack(aState({ host: 'games.uni.test' }), deployed()))).toEqual([
      'relabel web my-exp_web: its address changes from my-exp.lab.test to games.uni.test',
    ]);
  });

  it('puts labels right that somebody changed by hand', () => {
    const observed = deployed();
    Object.assign(observed.web?.Spec.Labels ?? {}, { 'traefik.enable': 'false' });

    expect(lines(planStack(aState(), observed))).toEqual([
      'relabel web my-exp_web: its labels change (traefik.enable)',
    ]);
  });

  it('follows the platform: without TLS the route needs another entry point', () => {
    const platform = aPlatform({ tls: { mode: 'none' } });
    const [change] = planStack(aState(), deployed(aState(), {}, { platform }));

    expect(change).toMatchObject({ action: 'relabel', interrupts: false });
    expect(change?.because).toContain('traefik.http.routers.my-exp.entrypoints');
  });
});

describe('the plan for a stopped stack', () => {
  it('starts web when nothing else changed', () => {
    expect(lines(planStack(aState(), deployed(aState(), { replicas: 0 })))).toEqual([
      'start web my-exp_web: the study is stopped',
    ]);
  });

  it('interrupts nobody with another image', () => {
    const [change] = planStack(withImage('b'), deployed(aState(), { replicas: 0 }));

    expect(change).toMatchObject({ action: 'update', interrupts: false });
  });

  it('starts a database that somebody stopped', () => {
    const observed = deployed();
    Object.assign(observed.db?.Spec.Mode ?? {}, { Replicated: { Replicas: 0 } });

    expect(lines(planStack(aState(), observed))).toEqual(['start db my-exp_db: the database is stopped']);
  });
});

describe('what lies between two states', () => {
  it('is nothing for the same', () => {
    expect(describeDifferences(aState(), aState())).toEqual([]);
  });

  it('names secrets that come and go', () => {
    expect(describeDifferences(aState({ secrets: ['A', 'B'] }), aState({ secrets: ['B', 'C'] }))).toEqual([
      'secrets change: A, C',
    ]);
  });

  it('says when a limit of processors goes', () => {
    expect(describeDifferences(aState({ cpus: 2 }), aState())).toEqual(['the processor limit changes to none']);
  });

  it('shows twelve digits of a digest, and nothing of a tag', () => {
    expect(shortDigest(withImage('f').image)).toBe('ffffffffffff');
    expect(shortDigest('registry.test/lab/my-exp:v1')).toBe('');
  });
});
