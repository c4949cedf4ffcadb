import { describe, expect, it } from 'vitest';
import type { RoutedService } from '../../../src/sandbox/programs/program.ts';
import { routesOf } from '../../../src/sandbox/router/routes-of.ts';

const study = (
  name: string,
  more: Record<string, string> = {},
  service: Partial<RoutedService> = {},
): RoutedService => ({
  id: `id-of-${name}`,
  name,
  networks: ['oforest_public'],
  tasks: [{ id: `task-of-${name}`, networks: ['oforest_public'], dial: () => undefined }],
  labels: {
    'traefik.enable': 'true',
    'traefik.swarm.network': 'oforest_public',
    [`traefik.http.routers.${name}.rule`]: `Host(\`${name}.lab.test\`)`,
    [`traefik.http.services.${name}.loadbalancer.server.port`]: '8000',
    ...more,
  },
  ...service,
});
const names = (...services: RoutedService[]) => routesOf(services).routes.map(({ name }) => name);

describe('routes of the labels of services', () => {
  it('are there for a service that is enabled and runs', () => {
    expect(routesOf([study('trust')])).toMatchObject({
      routes: [{ name: 'trust', tls: false }],
      skipped: [],
    });
    expect(names(study('trust', {}, { tasks: [] }))).toEqual([]);
    expect(names(study('trust', { 'traefik.enable': 'false' }))).toEqual([]);
  });

  it('are all lost to a service with one label that Traefik does not know', () => {
    const { routes, skipped } = routesOf([
      study('trust', { 'traefik.http.routers.trust.rul': 'Host(`x`)' }),
      study('survey'),
    ]);
    expect(routes.map(({ name }) => name)).toEqual(['survey']);
    expect(skipped).toEqual([{ service: 'trust', why: 'field not found, node: rul' }]);
  });

  it('are lost to a service that is not on the network it names, or that mixes labels for Docker and Swarm', () => {
    const { skipped } = routesOf([
      study('one', { 'traefik.swarm.network': 'elsewhere' }),
      study('two', { 'traefik.docker.network': 'oforest_public' }),
    ]);
    expect(skipped.map(({ why }) => why)).toEqual([
      'Could not find network named "elsewhere" for container "one"',
      'both Docker and Swarm labels are defined',
    ]);
  });

  it('are dropped for both services that use one name', () => {
    const taken = { 'traefik.http.routers.survey.rule': 'Host(`other.lab.test`)' };
    expect(names(study('trust', taken), study('survey'))).toEqual(['trust']);
  });

  it('come in the order of their priority, which is the length of the rule unless it is given', () => {
    const closed = {
      'traefik.http.routers.trust.priority': '1000',
      'traefik.http.routers.closed.rule': 'Host(`trust.lab.test`) && (Path(`/export`) || Path(`/chat_export`))',
      'traefik.http.routers.closed.service': 'trust',
      'traefik.http.routers.closed.priority': '1001',
    };
    expect(names(study('trust', closed))).toEqual(['closed', 'trust']);
    expect(names(study('a'), study('longer'))).toEqual(['longer', 'a']);
  });

  it('leave out a router whose rule cannot be read, and keep the others of its service', () => {
    const odd = { 'traefik.http.routers.odd.rule': 'Host(`x`) &&', 'traefik.http.routers.odd.service': 'trust' };
    expect(names(study('trust', odd))).toEqual(['trust']);
  });

  it.each([
    ['Host(`A.lab.test`)', { host: 'a.lab.test', path: '/' }, true],
    ['Host(`a.lab.test`)', { host: 'b.lab.test', path: '/' }, false],
    ['Host(`a`) || Host(`b`)', { host: 'b', path: '/' }, true],
    ['Host(`a`) && !Path(`/x`)', { host: 'a', path: '/x' }, false],
    ['PathPrefix(`/p`)', { host: 'any', path: '/p/1' }, true],
    ['Host(`a`) && (Path(`/x`) || Path(`/y`))', { host: 'a', path: '/y' }, true],
  ])('match as the rule says: %s', (rule, visit, matches) => {
    const [route] = routesOf([study('trust', { 'traefik.http.routers.trust.rule': rule })]).routes;
    expect(route?.rule(visit)).toBe(matches);
  });

  it('carry their middlewares, whatever the case of the labels', () => {
    const [route] = routesOf([
      study('trust', {
        'traefik.http.routers.trust.middlewares': 'trust_headers,trust_nobody',
        'traefik.http.middlewares.trust_headers.headers.customResponseHeaders.X-OForest-Release': 'v3',
        'traefik.http.middlewares.trust_headers.headers.customrequestheaders.X-Real-Ip': '',
        'traefik.http.middlewares.trust_nobody.ipallowlist.sourcerange': '255.255.255.255/32',
      }),
    ]).routes;
    expect(route?.middlewares).toMatchObject([
      { kind: 'headers', response: { 'X-OForest-Release': 'v3' }, request: { 'X-Real-Ip': '' } },
      { kind: 'allow-list' },
    ]);
  });
});
