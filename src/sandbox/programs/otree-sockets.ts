import { loggedIn } from './otree-admin.ts';
import type { Visit } from './otree-http.ts';
import type { Site } from './otree-route.ts';

/** Paths of oTree 6.0.15: anyone's, and those that close at once without a login. */
const ofParticipants =
  /^\/(?:wait_page|subsession_wait_page|group_by_arrival_time|auto_advance|live|chat|wait_for_session_in_room|browser_bot_wait)(?:\/|$)/;
const ofResearchers =
  /^\/(?:session_monitor|room_without_session|create_session|create_demo_session|delete_sessions|export|browser_bots_client)(?:\/|$)/;

/** What a websocket meets at a path: it stays open as long as its tab, or is closed again; undefined: there is none. */
export function socketAt({ authLevel }: Site, { path, cookie }: Visit): 'open' | 'closed' | undefined {
  if (ofParticipants.test(path)) return 'open';
  if (!ofResearchers.test(path)) return undefined;
  return authLevel === '' || cookie.otree_auth === loggedIn ? 'open' : 'closed';
}
