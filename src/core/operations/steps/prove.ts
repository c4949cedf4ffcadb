import type * as z from 'zod';
import { urlOf } from '../../domain/platform.ts';
import type { WantedState } from '../../domain/release.ts';
import { namesOf } from '../../domain/stack-name.ts';
import type { EntryAnswer, EntryGateway } from '../../entry/gateway.ts';
import { ExpectedError } from '../../errors.ts';
import { AdminLogin, inWebContainer, parseResult } from '../../swarm/in-container.ts';
import { label } from '../../swarm/labels.ts';
import { observeStack, wantedTask } from '../../swarm/observe-stack.ts';
import { adminLoginScript } from '../../swarm/scripts.ts';
import { taskHashOf } from '../../swarm/service-spec.ts';
import { patiently } from './patiently.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Operation, Step } from './step.ts';
import { endedStates } from './task-failure.ts';
import { shownLog, taskLines } from './task-log.ts';
import { failureOf } from './try-image.ts';

const soakMs = 15_000;
const answerTimeoutMs = 30_000;
const answerPollMs = 150;

/** The study answers at its own address with this release, is closed to strangers and open to its admin. */
export function proveStep(run: StackRun, state: WantedState, release: number): Step {
  return {
    id: 'prove',
    check: async () => false,
    async *do() {
      const { platform } = await observeStack(run.stack, run);
      const answer = await awaitAnswer(run, state.host, release);
      const open = await openPaths(run.entry, state.host);
      if (open.length > 0) throw studyOpen(run.stack, open);
      yield* checkAdminLogin(run, state.host);
      yield { kind: 'serving', release, url: urlOf(state.host, platform), path: answer.path };
    },
  };
}

/** Waits until oTree's own page comes through Traefik with the header of this release. */
export async function awaitAnswer(
  { stack, entry, clock, signal }: StackRun,
  host: string,
  release: number,
): Promise<EntryAnswer> {
  const what = `asking https://${host} for v${release}`;
  const until = clock.now().getTime() + answerTimeoutMs;
  let seen: EntryAnswer | undefined;
  let failure: unknown;
  do {
    try {
      // Never a participant's link: asking for one makes a participant.
      seen = await entry.request({ host, path: '/login' });
      if (seen.status === 200 && seen.headers['x-oforest-release'] === `v${release}`) return seen;
    } catch (error) {
      if (error instanceof ExpectedError && error.code === 'certificate-untrusted') throw error;
      signal.throwIfAborted();
      failure = error;
    }
    await clock.sleep(answerPollMs, signal);
  } while (clock.now().getTime() < until);

  const answered = seen?.headers['x-oforest-release'];
  if (answered && answered !== `v${release}`)
    throw new ExpectedError('wrong-release-answers', what, {
      why: `${answered} answers there.`,
      hint: `Look for another service with the host ${host}: \`docker service ls\`.`,
    });
  throw new ExpectedError('route-missing', what, {
    why: seen ? `Traefik answers ${seen.status}, not the study.` : 'Nothing answers at the entry point of the server.',
    hint: `Run \`oforest server check\`, and look at \`docker service logs oforest_traefik\` for ${stack}.`,
    cause: failure,
  });
}

/** Only for people with a login; `/api/…` only with the REST key. */
const closedToStrangers = [
  '/demo',
  '/sessions',
  '/rooms',
  '/export',
  '/server_check',
  '/create_session',
  '/ExportWide',
  '/ExportPageTimes',
  '/chat_export',
  '/api/sessions',
  '/api/rooms',
  '/api/export_wide',
] as const;

async function openPaths(entry: EntryGateway, host: string): Promise<readonly string[]> {
  const answers = await Promise.all(
    closedToStrangers.map(async (path) => ({ path, status: (await entry.request({ host, path })).status })),
  );
  return answers.filter(({ status }) => status >= 200 && status < 300).map(({ path }) => path);
}

function studyOpen(stack: string, paths: readonly string[]): ExpectedError {
  return new ExpectedError('study-open', `checking from outside that ${stack} is closed to strangers`, {
    why: `Anyone can open ${paths.join(', ')} without a login. Your settings.py sets AUTH_LEVEL, which beats what oForest sets.`,
    hint: 'Remove the line with AUTH_LEVEL from settings.py (oForest sets OTREE_AUTH_LEVEL=STUDY) and build again.',
    details: { paths },
  });
}

async function* checkAdminLogin(run: StackRun, host: string): Operation<void> {
  const { stack, swarm, entry } = run;
  let login: z.infer<typeof AdminLogin>;
  try {
    const output = await inWebContainer(
      adminLoginScript,
      `reading the admin login of ${stack}`,
      await observeStack(stack, { swarm }),
      run,
    );
    login = parseResult(AdminLogin, output);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    yield { kind: 'notice', notice: { code: 'admin-login-not-checked', why: error.why ?? error.message } };
    return;
  }
  if (await logIn(entry, host, login)) return;
  throw new ExpectedError('admin-login-fails', `logging in to the admin page of ${stack}`, {
    why: `oTree refuses the user ${login.user} with the stored password. Your settings.py sets ADMIN_PASSWORD or ADMIN_USERNAME.`,
    hint: "Let settings.py read it: ADMIN_PASSWORD = environ.get('OTREE_ADMIN_PASSWORD').",
  });
}

/** As a browser does: the form's token and cookie, then the form. oTree redirects only a login that holds. */
async function logIn(
  entry: EntryGateway,
  host: string,
  { user, password }: z.infer<typeof AdminLogin>,
): Promise<boolean> {
  const page = await entry.request({ host, path: '/login' });
  const token = /name=["']csrftoken["'][^>]*value=["']([^"']+)["']/.exec(page.body)?.[1];
  const cookie = (page.headers['set-cookie'] ?? '')
    .split('\n')
    .map((line) => line.split(';')[0])
    .join('; ');
  const form = new URLSearchParams({ username: user, password, ...(token && { csrftoken: token }) });
  const answer = await entry.request({
    host,
    path: '/login',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie && { cookie }) },
    body: form.toString(),
  });
  return answer.status >= 300 && answer.status < 400;
}

/** The same task still runs after the soak, and Swarm has nothing against it: late crashes show here. */
export function settleStep(run: StackRun, state: WantedState, release: number): Step {
  const { stack, swarm, clock, signal } = run;
  const what = `watching v${release} of ${stack} for ${soakMs / 1000} s`;
  const observe = async () => {
    const ofStack = { label: label.stack, value: stack };
    const [services, tasks] = await Promise.all([swarm.listServices(ofStack), swarm.listTasks(ofStack)]);
    return { web: services.find(({ Spec }) => Spec.Name === namesOf(stack).web), tasks };
  };
  return {
    id: 'settle',
    check: async () => false,
    async *do() {
      // A manager that is being elected says nothing of the release that serves.
      const first = await patiently(observe, run);
      const hash = first.web ? taskHashOf(first.web.Spec) : '';
      const watched = first.web && wantedTask(first.tasks, first.web.ID, hash);
      const until = clock.now().getTime() + soakMs;
      yield { kind: 'waiting', step: 'settle', on: `${soakMs / 1000} s without a crash` };
      for (;;) {
        const { web, tasks } = await patiently(observe, run);
        const task = tasks.find(({ ID }) => ID === watched?.ID);
        const updateState = web?.UpdateStatus?.State ?? '';
        if (task?.Status.State !== 'running' || task.DesiredState !== 'running' || updateState.startsWith('rollback')) {
          if (task && endedStates.includes(task.Status.State)) throw await failureOf(run, what, task, state);
          throw new ExpectedError('image-crashed', what, {
            why: 'Its task was stopped or replaced.',
            log: task ? shownLog(await taskLines(task.ID, run)) : [],
          });
        }
        const settled = updateState === '' || updateState === 'completed';
        if (clock.now().getTime() >= until && settled) break;
        if (clock.now().getTime() >= until + 30_000)
          throw new ExpectedError('deployment-stalled', what, { why: `Swarm's update is still ${updateState}.` });
        await clock.sleep(pollMs, signal);
      }
      yield { kind: 'settled', release, soakSeconds: soakMs / 1000 };
    },
  };
}
