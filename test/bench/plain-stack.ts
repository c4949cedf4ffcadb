import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../e2e/support/lab.ts';

export interface PlainStack {
  readonly host: string;
  deploy(image: string): Promise<void>;
  /** `otree resetdb` in a container of its own: web has to be down. */
  resetDatabase(): Promise<void>;
  remove(): Promise<void>;
}

/** The same two services as a compose file that a careful person would write, for `docker stack deploy`. */
export async function plainStack(
  { bed, home }: Lab,
  docker: (words: readonly string[]) => Promise<string>,
): Promise<PlainStack> {
  const host = 'plain.oforest.test';
  const file = join(home, 'plain.json');
  const probe = "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/login')";
  const environment = {
    OTREE_PRODUCTION: '1',
    OTREE_AUTH_LEVEL: 'STUDY',
    OTREE_ADMIN_PASSWORD: 'bench',
    DATABASE_URL: 'postgresql://postgres:bench@db:5432/postgres',
  };
  let deployed = '';
  const compose = (image: string) => ({
    version: '3.8',
    services: {
      web: {
        image,
        command: ['otree', 'prodserver', '8000'],
        environment,
        networks: ['default', 'public'],
        healthcheck: {
          test: ['CMD', 'python3', '-c', probe],
          interval: '1s',
          timeout: '10s',
          retries: 5,
          start_period: '45s',
        },
        stop_grace_period: '30s',
        deploy: {
          endpoint_mode: 'dnsrr',
          update_config: { order: 'stop-first', failure_action: 'rollback', monitor: '15s' },
          labels: {
            'traefik.enable': 'true',
            'traefik.swarm.network': 'oforest_public',
            'traefik.http.routers.plain.rule': `Host(\`${host}\`)`,
            'traefik.http.routers.plain.entrypoints': 'websecure',
            'traefik.http.routers.plain.tls': 'true',
            'traefik.http.services.plain.loadbalancer.server.port': '8000',
          },
        },
      },
      db: {
        image: bed.images['postgres:15'],
        environment: { POSTGRES_USER: 'postgres', POSTGRES_DB: 'postgres', POSTGRES_PASSWORD: 'bench' },
        networks: ['default'],
        deploy: { endpoint_mode: 'dnsrr' },
      },
    },
    networks: { default: { driver: 'overlay', attachable: true }, public: { external: true, name: 'oforest_public' } },
  });
  return {
    host,
    async deploy(image) {
      await writeFile(file, JSON.stringify(compose(image)));
      await docker(['stack', 'deploy', '--detach=false', '-c', file, 'plain']);
      deployed = image;
    },
    async resetDatabase() {
      const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
      await docker([
        'run',
        '--rm',
        '--network',
        'plain_default',
        ...variables,
        deployed,
        'otree',
        'resetdb',
        '--noinput',
      ]);
    },
    remove: async () => {
      await docker(['stack', 'rm', 'plain']);
    },
  };
}
