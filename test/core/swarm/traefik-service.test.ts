import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCertificate } from '../../../src/core/domain/certificate.ts';
import { Secret } from '../../../src/core/domain/secret.ts';
import { Service } from '../../../src/core/swarm/engine-types.ts';
import { isAsWanted, type TraefikParts, traefikService } from '../../../src/core/swarm/traefik-service.ts';
import { type TraefikTls, traefikFiles } from '../../../src/core/swarm/traefik-static.ts';
import { wildcard } from '../../support/certificates.ts';

const files: TraefikTls = {
  mode: 'files',
  certificate: parseCertificate(wildcard.certificate),
  key: new Secret(wildcard.key),
};
const external: TraefikTls = {
  mode: 'acme',
  email: 'admin@lab.test',
  server: 'https://ca.test/directory',
  eab: { kid: 'kid-1', key: new Secret('hmac-of-the-account') },
};

function partsWith(tls: TraefikTls, more: Partial<TraefikParts> = {}): TraefikParts {
  const settings = { httpPort: 80, httpsPort: 443, tls };
  return {
    image: 'docker.io/library/traefik:v3.7@sha256:abc',
    settings,
    files: traefikFiles(settings),
    nodeId: 'node1',
    networkId: 'network1',
    fileIds: {},
    dockerSocket: '/var/run/docker.sock',
    forceUpdate: 0,
    ...more,
  };
}

function textOf(tls: TraefikTls, subject: string, at = 0): string {
  const file = traefikFiles({ httpsPort: 8443, tls }).filter((one) => one.subject === subject)[at];
  return file?.content instanceof Secret ? file.content.reveal() : String(file?.content);
}

describe('the settings of Traefik', () => {
  const settings = parse(textOf(files, 'settings'));

  it('serve no dashboard, no API and no ping, and call nobody', () => {
    expect(settings).not.toHaveProperty('api');
    expect(settings).not.toHaveProperty('ping');
    expect(settings).not.toHaveProperty('metrics');
    expect(settings.global).toEqual({ checkNewVersion: false, sendAnonymousUsage: false });
  });

  it('route only what asks for it, quickly', () => {
    expect(settings.providers).toMatchObject({
      providersThrottleDuration: '100ms',
      swarm: { exposedByDefault: false, network: 'oforest_public', refreshSeconds: '1s' },
    });
  });

  it('keep no idle connection to a study, which would look like a page that somebody holds', () => {
    expect(settings.serversTransport).toEqual({ maxIdleConnsPerHost: -1 });
  });

  it('write down no address, path, name or header of a visitor', () => {
    const { defaultMode, names, headers } = settings.accessLog.fields;

    expect([defaultMode, headers.defaultMode]).toEqual(['drop', 'drop']);
    expect(Object.keys(names).filter((name) => /Client|Path|Addr|Line|Username|Referer|Agent/.test(name))).toEqual([]);
    expect(names).toMatchObject({
      DownstreamStatus: 'keep',
      Duration: 'keep',
      RouterName: 'keep',
      RequestHost: 'keep',
    });
  });

  it('lead to HTTPS on the port that visitors see', () => {
    expect(settings.entryPoints.web.http.redirections.entryPoint).toEqual({
      to: ':8443',
      scheme: 'https',
      permanent: false,
    });
  });

  it('take TLS 1.2 at least, and the given certificate for every host', () => {
    expect(parse(textOf(files, 'settings', 1)).tls).toEqual({
      options: { default: { minVersion: 'VersionTLS12' } },
      stores: {
        default: {
          defaultCertificate: { certFile: '/etc/traefik/certificate.pem', keyFile: '/run/secrets/certificate.key' },
        },
      },
    });
  });

  it('have one plain entry point without TLS', () => {
    const plain = parse(textOf({ mode: 'none' }, 'settings'));

    expect(Object.keys(plain.entryPoints)).toEqual(['web']);
    expect(plain.entryPoints.web).not.toHaveProperty('http');
    expect(plain.providers).not.toHaveProperty('file');
  });

  it('keep the certificates of each authority apart', () => {
    const storageOf = (server?: string) => {
      const tls: TraefikTls = { mode: 'acme', email: 'admin@lab.test', ...(server && { server }) };
      return parse(textOf(tls, 'settings')).certificatesResolvers.oforest.acme.storage;
    };

    expect(storageOf()).toBe('/acme/acme.json');
    expect(storageOf('https://staging.test/dir')).not.toBe(storageOf('https://other.test/dir'));
  });

  it('get certificates by HTTP challenge under the name that the routers use', () => {
    expect(parse(textOf(external, 'settings')).certificatesResolvers.oforest.acme).toEqual({
      email: 'admin@lab.test',
      storage: expect.stringMatching(/^\/acme\/[0-9a-f]{12}\.json$/),
      caServer: 'https://ca.test/directory',
      eab: { kid: 'kid-1', hmacEncoded: 'hmac-of-the-account' },
      httpChallenge: { entryPoint: 'web' },
    });
  });
});

describe('the files of Traefik', () => {
  it('are named by their content, so that a changed one is a changed service', () => {
    const names = (httpsPort: number) => traefikFiles({ httpsPort, tls: files }).map(({ name }) => name);
    const [settings, tls, certificate, key] = names(443);

    expect(names(443)).toEqual(names(443));
    expect(names(8443)).toEqual([expect.not.stringMatching(settings ?? ''), tls, certificate, key]);
    for (const name of names(443)) expect(name.length).toBeLessThanOrEqual(64);
  });

  it('are secrets where they hold a key, and configs where anyone may read them', () => {
    const kinds = (tls: TraefikTls) =>
      traefikFiles({ httpsPort: 443, tls }).map(({ kind, subject }) => [subject, kind]);

    expect(kinds(files)).toEqual([
      ['settings', 'config'],
      ['settings', 'config'],
      ['certificate', 'config'],
      ['key', 'secret'],
    ]);
    expect(kinds(external)).toEqual([
      ['settings', 'secret'],
      ['settings', 'config'],
    ]);
    expect(kinds({ mode: 'acme', email: 'admin@lab.test' })[0]).toEqual(['settings', 'config']);
  });
});

describe('the service of Traefik', () => {
  it('is one task on one manager, on the ports of that node, stopped before it is replaced', () => {
    const spec = traefikService(partsWith(files));

    expect(spec).toMatchObject({
      Name: 'oforest_traefik',
      Labels: { 'com.docker.stack.namespace': 'oforest' },
      Mode: { Replicated: { Replicas: 1 } },
      TaskTemplate: { Placement: { Constraints: ['node.id==node1'] } },
      UpdateConfig: { Order: 'stop-first', FailureAction: 'rollback', Monitor: 10_000_000_000 },
      EndpointSpec: {
        Mode: 'dnsrr',
        Ports: [
          { TargetPort: 80, PublishedPort: 80, PublishMode: 'host' },
          { TargetPort: 443, PublishedPort: 443, PublishMode: 'host' },
        ],
      },
    });
  });

  it('reaches dockerd by its socket alone, mounted read-only, and has no capabilities', () => {
    const { ContainerSpec } = traefikService(partsWith(files, { dockerSocket: '/run/other.sock' })).TaskTemplate;

    expect(ContainerSpec.Mounts).toEqual([
      { Type: 'bind', Source: '/run/other.sock', Target: '/var/run/docker.sock', ReadOnly: true },
    ]);
    expect(ContainerSpec.CapabilityDrop).toEqual(['ALL']);
  });

  it('keeps the certificates it got on a volume', () => {
    const { ContainerSpec } = traefikService(partsWith(external)).TaskTemplate;

    expect(ContainerSpec.Mounts).toContainEqual({ Type: 'volume', Source: 'oforest_acme', Target: '/acme' });
  });

  it('holds no key, neither of a certificate nor of an account', () => {
    for (const tls of [files, external]) {
      const spec = JSON.stringify(traefikService(partsWith(tls)));

      expect(spec).not.toContain('hmac-of-the-account');
      expect(spec).not.toContain('PRIVATE KEY');
    }
    expect(traefikService(partsWith(external)).TaskTemplate.ContainerSpec.Args).toEqual([
      '--configFile=/run/secrets/traefik.yml',
    ]);
  });

  it('publishes no port for HTTPS without TLS', () => {
    const { EndpointSpec } = traefikService(partsWith({ mode: 'none' }));

    expect(EndpointSpec.Ports?.map(({ PublishedPort }) => PublishedPort)).toEqual([80]);
  });
});

describe('a service that exists', () => {
  const spec = traefikService(partsWith(files));
  const observed = (change: (json: ReturnType<typeof JSON.parse>) => void = () => {}) => {
    const json = JSON.parse(JSON.stringify(spec));
    change(json);
    const times = { CreatedAt: '2027-01-01T00:00:00Z', UpdatedAt: '2027-01-01T00:00:00Z' };
    return Service.parse({ ID: 'a', Version: { Index: 1 }, ...times, Spec: json });
  };

  it('is as wanted with what dockerd adds and leaves out', () => {
    const same = observed((json) => {
      json.TaskTemplate.Runtime = 'container';
      json.TaskTemplate.ContainerSpec.Isolation = 'default';
      json.TaskTemplate.ContainerSpec.DNSConfig = {};
      delete json.TaskTemplate.ForceUpdate;
    });

    expect(isAsWanted(spec, same)).toBe(true);
  });

  it.each([
    ['another image', (json) => Object.assign(json.TaskTemplate.ContainerSpec, { Image: 'other' })],
    ['an argument more', (json) => json.TaskTemplate.ContainerSpec.Args.push('--api.insecure=true')],
    ['another port', (json) => Object.assign(json.EndpointSpec.Ports[1], { PublishedPort: 8443 })],
    ['no task', (json) => Object.assign(json.Mode.Replicated, { Replicas: 0 })],
    ['a config less', (json) => json.TaskTemplate.ContainerSpec.Configs.pop()],
  ] satisfies [string, (json: ReturnType<typeof JSON.parse>) => void][])(
    'is not as wanted with %s',
    (_case, change) => {
      expect(isAsWanted(spec, observed(change))).toBe(false);
    },
  );
});
