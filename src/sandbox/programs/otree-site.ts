import { PostgresError } from '../database/postgres-error.ts';
import { adminRoutes, loggedIn } from './otree-admin.ts';
import { requestTraceback } from './otree-crashes.ts';
import { exportRoutes } from './otree-export.ts';
import { type Answer, redirect, text, type Visit } from './otree-http.ts';
import { participantRoutes } from './otree-participant.ts';
import { restRoutes } from './otree-rest.ts';
import { HttpRefusal, type Route, type Site } from './otree-route.ts';

const routes: readonly Route[] = [
  { path: '/', access: 'public', get: () => redirect('/demo', 307) },
  ...participantRoutes,
  ...adminRoutes,
  ...exportRoutes,
  ...restRoutes,
];
const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** What oTree answers. A bug of the study or of its data is a 500, with the traceback in the log. */
export function answerVisit(site: Site, visit: Visit): Answer {
  if (site.study.fault === 'answers-500') return text('broken', 500);
  const found = findRoute(visit.path);
  if (!found) {
    const shorter = visit.path.length > 1 && visit.path.endsWith('/') ? visit.path.slice(0, -1) : undefined;
    return shorter && findRoute(shorter) ? redirect(shorter, 307) : text('Not Found', 404);
  }
  const { route, parts } = found;
  const refusal = route.access === 'rest' ? refuseKey(site, visit) : refuseStranger(site, visit, route);
  if (refusal) return refusal;
  const isPost = visit.method === 'POST';
  const handler = isPost ? route.post : ['GET', 'HEAD'].includes(visit.method) ? route.get : undefined;
  if (!handler) return text('Method Not Allowed', 405);
  const needsToken = isPost && (route.access === 'demo' || route.access === 'login' || route.path === '/login');
  if (needsToken && !hasToken(visit)) return text('CSRF verification failed', 403);
  try {
    return handler({ site, visit, parts });
  } catch (error) {
    if (error instanceof HttpRefusal) return text(error.message, error.status);
    if (!(error instanceof PostgresError)) throw error;
    site.logError(requestTraceback(error));
    return text('Internal Server Error', 500);
  }
}

function findRoute(path: string): { route: Route; parts: Record<string, string> } | undefined {
  for (const { route, pattern } of patterns) {
    const found = pattern.exec(path);
    if (found) return { route, parts: { ...found.groups } };
  }
  return undefined;
}

function refuseStranger(site: Site, { cookie }: Visit, { access }: Route): Answer | undefined {
  const isOpen = access === 'public' || site.authLevel === '' || (access === 'demo' && site.authLevel === 'DEMO');
  return isOpen || cookie.otree_auth === loggedIn ? undefined : redirect('/login');
}

function refuseKey({ authLevel, restKey }: Site, { headers }: Visit): Answer | undefined {
  if (authLevel === '') return undefined;
  if (restKey === '') return text('Env var OTREE_REST_KEY must be defined to use REST API', 403);
  const given = headers['otree-rest-key'];
  if (!given) return text('HTTP Request Header otree-rest-key is missing', 403);
  return given === restKey ? undefined : text('HTTP Request Header otree-rest-key is incorrect', 403);
}

function hasToken({ cookie, body }: Visit): boolean {
  const given = new URLSearchParams(body).get('csrftoken');
  return given !== null && given !== '' && given === cookie.csrftoken;
}
