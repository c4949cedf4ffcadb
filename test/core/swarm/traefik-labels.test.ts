import { describe, expect, it } from 'vitest';
import {
  checkTraefikLabels,
  closedRouteLabels,
  closedRoutesOf,
  type Route,
  traefikLabels,
} from '../../../src/core/swarm/traefik-labels.ts';

const route = (more: Partial<Route> = {}): Route => ({
  stack: 'my-exp',
  host: 'my-exp.lab.test',
  port: 8000,
  release: 3,
  tls: 'given',
  closedPaths: [],
  ...more,
});

describe('the labels of a route', () => {
  it('lead the host to the study, show the release and keep the visitor’s address from oTree', () => {
    expect(traefikLabels(route())).toEqual({
      'traefik.enable': 'true',
      'traefik.swarm.network': 'oforest_public',
      'traefik.http.routers.my-exp.rule': 'Host(`my-exp.lab.test`)',
      'traefik.http.routers.my-exp.priority': '1000',
      'traefik.http.routers.my-exp.service': 'my-exp',
      'traefik.http.routers.my-exp.middlewares': 'my-exp_headers',
      'traefik.http.routers.my-exp.entrypoints': 'websecure',
      'traefik.http.routers.my-exp.tls': 'true',
      'traefik.http.services.my-exp.loadbalancer.server.port': '8000',
      'traefik.http.middlewares.my-exp_headers.headers.customresponseheaders.X-OForest-Release': 'v3',
      'traefik.http.middlewares.my-exp_headers.headers.customrequestheaders.X-Forwarded-For': '',
      'traefik.http.middlewares.my-exp_headers.headers.customrequestheaders.X-Real-Ip': '',
    });
  });

  it('ask for a certificate of the study where the platform gets them by ACME', () => {
    expect(traefikLabels(route({ tls: 'acme' }))).toMatchObject({
      'traefik.http.routers.my-exp.tls': 'true',
      'traefik.http.routers.my-exp.tls.certresolver': 'oforest',
    });
  });

  it('say nothing of TLS where the platform has none', () => {
    const labels = traefikLabels(route({ tls: 'none' }));

    expect(labels['traefik.http.routers.my-exp.entrypoints']).toBe('web');
    expect(Object.keys(labels).filter((key) => key.includes('.tls'))).toEqual([]);
  });

  it('close paths with a router of their own that beats the other, for everyone', () => {
    const labels = traefikLabels(route({ closedPaths: ['/ExportPageTimes', '/chat_export'] }));

    expect(labels).toMatchObject({
      'traefik.http.routers.my-exp_closed.rule':
        'Host(`my-exp.lab.test`) && (Path(`/ExportPageTimes`) || Path(`/chat_export`))',
      'traefik.http.routers.my-exp_closed.priority': '1001',
      'traefik.http.routers.my-exp_closed.service': 'my-exp',
      'traefik.http.routers.my-exp_closed.middlewares': 'my-exp_nobody',
      'traefik.http.routers.my-exp_closed.entrypoints': 'websecure',
      'traefik.http.routers.my-exp_closed.tls': 'true',
      'traefik.http.middlewares.my-exp_nobody.ipallowlist.sourcerange': '255.255.255.255/32',
    });
  });

  it('of two studies share no name of a router, service or middleware', () => {
    const names = (labels: object) =>
      Object.keys(labels).flatMap((key) => /^traefik\.http\.\w+\.([^.]+)/.exec(key)?.[1] ?? []);
    const closedPaths = ['/chat_export'];
    const production = names(traefikLabels(route({ closedPaths })));
    const others = ['my-exp--staging', 'my-exp-2', 'my-exp-closed', 'my-exp-headers'].flatMap((stack) =>
      names(traefikLabels(route({ stack, closedPaths }))),
    );

    expect(production.filter((name) => others.includes(name))).toEqual([]);
  });
});

describe('the labels of the page for closed studies', () => {
  it('are none without a closed study: Traefik would make a router of its own', () => {
    expect(closedRouteLabels([], 'given')).toEqual({});
  });

  it('lead each address to the page, below the routers of a study that runs', () => {
    expect(closedRouteLabels([{ stack: 'my-exp', host: 'my-exp.lab.test' }], 'acme')).toEqual({
      'traefik.enable': 'true',
      'traefik.swarm.network': 'oforest_public',
      'traefik.http.services.oforest_closed.loadbalancer.server.port': '8080',
      'traefik.http.routers.my-exp_gone.rule': 'Host(`my-exp.lab.test`)',
      'traefik.http.routers.my-exp_gone.priority': '10',
      'traefik.http.routers.my-exp_gone.service': 'oforest_closed',
      'traefik.http.routers.my-exp_gone.entrypoints': 'websecure',
      'traefik.http.routers.my-exp_gone.tls': 'true',
      'traefik.http.routers.my-exp_gone.tls.certresolver': 'oforest',
    });
  });

  it('tell which addresses they hold', () => {
    const routes = [
      { stack: 'auction', host: 'auction.lab.test' },
      { stack: 'my-exp--r-gone', host: 'x.lab.test' },
    ];

    expect(closedRoutesOf(closedRouteLabels([...routes].reverse(), 'none'))).toEqual(routes);
    expect(closedRoutesOf(traefikLabels(route()))).toEqual([]);
  });

  it('share no name with those of any study', () => {
    const names = (labels: object) =>
      Object.keys(labels).flatMap((key) => /^traefik\.http\.\w+\.([^.]+)/.exec(key)?.[1] ?? []);
    const studies = ['my-exp', 'my-exp-gone', 'oforest-closed'].flatMap((stack) =>
      names(traefikLabels(route({ stack, closedPaths: ['/chat_export'] }))),
    );

    const page = names(closedRouteLabels([{ stack: 'my-exp', host: 'my-exp.lab.test' }], 'given'));
    expect(page.filter((name) => studies.includes(name))).toEqual([]);
  });

  it('refuse a host that would break out of its rule', () => {
    expect(() => closedRouteLabels([{ stack: 'x', host: 'a\nb' }], 'given')).toThrow(
      expect.objectContaining({ code: 'label-refused' }),
    );
  });
});

describe('the allow-list', () => {
  it.each([
    'traefik.http.routers.my-exp.rulesyntax',
    'traefik.http.routers.my-exp.Rule',
    'traefik.http.routers.my.exp.rule',
    'traefik.http.middlewares.my-exp_headers.headers.customresponseheaders.Set-Cookie',
    'traefik.http.services.my-exp.loadbalancer.server.scheme',
    'traefik.tcp.routers.my-exp.rule',
    'traefik.docker.network',
    'traefik.enabled',
  ])('refuses %s', (key) => {
    expect(() => checkTraefikLabels({ [key]: 'true' })).toThrow(
      expect.objectContaining({ code: 'label-refused', why: expect.stringMatching(/drop the whole service/) }),
    );
  });

  it('refuses a value with a line break or anything else that is not plain', () => {
    for (const value of ['a\nb', 'ü', '\0'])
      expect(() => checkTraefikLabels({ 'traefik.http.routers.x.rule': value })).toThrow(
        expect.objectContaining({ code: 'label-refused' }),
      );
  });

  it('leaves labels alone that Traefik does not read', () => {
    expect(() => checkTraefikLabels({ 'org.oforest.owner': 'Zoë', 'com.docker.stack.namespace': 'x' })).not.toThrow();
  });
});
