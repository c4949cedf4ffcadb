import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { asSocket } from '../doors/as-socket.ts';
import { proxy } from '../router/proxy.ts';
import { type Route, routesOf, type Skipped } from '../router/routes-of.ts';
import { traefikConfig } from '../router/traefik-config.ts';
import type { Container, Program } from './program.ts';

const firstLookMs = 200;
const shutdownMs = 200;

/** Traefik as far as oForest uses it: entry points, the labels of a Swarm looked at in turns, certificates from files. */
export const traefikProgram: Program = (container) => {
  const { timeline } = container;
  const { entryPoints, refreshMs, throttleMs, certificate } = traefikConfig(container);
  const open = new Set<Duplex>();
  const swarm = watchSwarm(container, { refreshMs, throttleMs });
  const doors = new Map(
    entryPoints.map((entry) => {
      const routes = () => swarm.routes;
      return [entry.port, { entry, visitors: proxy({ entry, routes, touch: () => timeline.touch?.() }) }] as const;
    }),
  );
  if (!container.resumed) container.print(JSON.stringify({ level: 'info', message: 'Traefik version 3.7 (sandbox)' }));

  return {
    accept(port, stream) {
      const door = doors.get(port);
      if (!door) return false;
      open.add(stream);
      stream.on('close', () => open.delete(stream));
      asSocket(stream).on('error', () => undefined);
      if (!door.entry.secure) door.visitors.accept(stream);
      else if (certificate) door.visitors.accept(secured(stream, certificate));
      else stream.end();
      return true;
    },
    terminate: () => void timeline.after(shutdownMs, () => container.exit(0)),
    end() {
      swarm.stop();
      for (const stream of open) {
        stream.end();
        stream.destroy();
      }
    },
  };
};

/** What it sees of the Swarm changes with each look, a throttle later: never in between. */
function watchSwarm(
  { manager, timeline, print, resumed }: Container,
  { refreshMs, throttleMs }: { refreshMs: number | undefined; throttleMs: number },
) {
  let routes: readonly Route[] = [];
  let said = '';
  const waiting = new Set<() => void>();
  const later = (ms: number, act: () => void) => {
    const cancel = timeline.after(ms, () => {
      waiting.delete(cancel);
      act();
    });
    waiting.add(cancel);
  };
  const look = (everyMs: number) => {
    const found = routesOf(manager?.services() ?? []);
    const news = JSON.stringify(found.skipped);
    if (news !== said) complain(found.skipped, print);
    said = news;
    later(throttleMs, () => {
      routes = found.routes;
    });
    later(everyMs, () => look(everyMs));
  };
  // One that goes on had its routes before; they are known as soon as everything else goes on as well.
  if (resumed)
    later(0, () => {
      routes = routesOf(manager?.services() ?? []).routes;
    });
  if (refreshMs !== undefined) later(firstLookMs, () => look(refreshMs));
  return {
    get routes() {
      return routes;
    },
    stop() {
      for (const cancel of waiting) cancel();
    },
  };
}

function complain(skipped: readonly Skipped[], print: Container['print']): void {
  for (const { service, why } of skipped)
    print(JSON.stringify({ level: 'error', providerName: 'swarm', serviceName: service, error: why }));
}

function secured(stream: Duplex, secureContext: tls.SecureContext): tls.TLSSocket {
  // Its typing asks for a net.Socket; any Duplex will do.
  const socket = new tls.TLSSocket(stream as ConstructorParameters<typeof tls.TLSSocket>[0], {
    isServer: true,
    secureContext,
  });
  socket.on('error', () => stream.destroy());
  return socket;
}
