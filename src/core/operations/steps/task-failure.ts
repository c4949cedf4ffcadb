import { type ErrorText, ExpectedError } from '../../errors.ts';
import type { ContainerState, Task } from '../../swarm/engine-types.ts';
import { entryExit } from '../../swarm/scripts.ts';
import { lastWord, shownLog } from './task-log.ts';

/** What is known of a task that did not come up, or did not stay. */
export interface FailedTask {
  readonly what: string;
  readonly task: Task;
  /** Undefined when its node cannot be asked. */
  readonly container: ContainerState | undefined;
  /** Masked, oldest first. */
  readonly log: readonly string[];
  readonly memoryLimitBytes: number;
}

export const endedStates: readonly string[] = ['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove'];

/** Why a task failed, in the researcher's words. Docker gives free text for some of these and nothing else. */
export function taskFailure({ what, task, container, log, memoryLimitBytes }: FailedTask): ExpectedError {
  const exitCode = task.Status.ContainerStatus?.ExitCode ?? container?.State.ExitCode ?? 0;
  const said = `${task.Status.Err} ${container?.State.Error ?? ''}`;
  const known = { log: shownLog(log), details: { exitCode, task: task.ID } };

  if (said.includes('no space left on device'))
    return new ExpectedError('disk-full', what, {
      why: 'The disk of the server is full.',
      hint: 'Free space there (`docker system df` shows what takes it), then try again.',
      ...known,
    });
  if (task.Status.State === 'rejected' && /No such image|manifest|pull access denied|unauthorized/i.test(said))
    return new ExpectedError('image-pull-failed', what, {
      why: `The server could not pull the image: ${task.Status.Err}`,
      hint: 'Check that the server reaches the registry and may read this image.',
      ...known,
    });
  if (/exec.*\/bin\/sh.*no such file/i.test(said))
    return new ExpectedError('image-lacks-shell', what, {
      why: 'The image has no /bin/sh, which oForest needs to start oTree.',
      hint: 'Base the Dockerfile on an image with a shell, for example python:3.12-slim.',
      ...known,
    });
  if (container?.State.OOMKilled || (exitCode === 137 && !container))
    return new ExpectedError('memory-exhausted', what, {
      why: `oTree used more memory than its limit of ${Math.round(memoryLimitBytes / 1024 / 1024)} MB.`,
      hint: 'Raise `memory` in oforest.yml, or load less data when settings.py is imported.',
      ...known,
    });
  const entry = entryFailure(exitCode);
  if (entry) return new ExpectedError(entry.code, what, { why: entry.why, hint: entry.hint, ...known });
  // Docker calls every ended container unhealthy; only one that was stopped for it ended by a signal, or by oTree's clean exit.
  const wasStopped = exitCode === 0 || exitCode === 137 || exitCode === 143;
  if (wasStopped && container?.State.Health?.Status === 'unhealthy') return unhealthy({ what, container, log });
  return new ExpectedError('image-crashed', what, { ...crash(log, exitCode, said), ...known });
}

/** A task that runs but never answers as a healthy oTree. */
export function unhealthy({ what, container, log }: Pick<FailedTask, 'what' | 'container' | 'log'>): ExpectedError {
  const probes = container?.State.Health?.Log ?? [];
  const probe = probes.map(({ Output }) => Output.trim()).findLast((output) => output !== '');
  return new ExpectedError('image-unhealthy', what, {
    why: probe ? `oTree started but is not healthy: ${probe}` : 'oTree started but never answered its health check.',
    hint: 'Try it on your computer with `otree prodserver 8000`; the last log lines below show what it said.',
    log: shownLog(log),
  });
}

function entryFailure(exitCode: number) {
  switch (exitCode) {
    case entryExit.noOtree:
      return {
        code: 'image-lacks-otree',
        why: 'The image has no `otree` command on its path.',
        hint: 'Install your requirements in the Dockerfile: RUN pip install -r requirements.txt.',
      } as const;
    case entryExit.noSettings:
      return {
        code: 'image-lacks-settings',
        why: 'There is no settings.py in the work dir of the image.',
        hint: 'Copy the oTree project and set WORKDIR to the folder that holds settings.py.',
      } as const;
    case entryExit.projectUnreadable:
      return {
        code: 'image-work-dir-unreadable',
        why: 'The user of the image can neither write to the work dir nor read all of it.',
        hint: 'Copy the project with COPY --chmod=755, or give the folder to the user of the image.',
      } as const;
    default:
      return undefined;
  }
}

/** Import names that are not the names of their packages. */
const packageOf: Readonly<Record<string, string>> = {
  psycopg2: 'psycopg2-binary',
  sklearn: 'scikit-learn',
  PIL: 'Pillow',
  cv2: 'opencv-python-headless',
  yaml: 'PyYAML',
  bs4: 'beautifulsoup4',
  dotenv: 'python-dotenv',
  dateutil: 'python-dateutil',
};

function crash(log: readonly string[], exitCode: number, said: string): Pick<ErrorText, 'why' | 'hint'> {
  const missing = log
    .map((line) => /ModuleNotFoundError: No module named '([\w.]+)'/.exec(line)?.[1])
    .findLast(Boolean);
  if (missing) {
    const name = missing.split('.')[0] ?? missing;
    return {
      why: `It needs the Python package "${name}", which the image does not have.`,
      hint: `Add ${packageOf[name] ?? name} to requirements.txt and build the image again.`,
    };
  }
  const table = log.map((line) => /"(pg_\w+)" is not a table/.exec(line)?.[1]).findLast(Boolean);
  if (table)
    return {
      why: `Postgres refuses the table "${table}": names that begin with pg_ are its own.`,
      hint: `Rename the app "${table.split('_').slice(0, -1).join('_')}"; bots pass because they run on SQLite.`,
    };
  if (log.some((line) => line.includes("Directory '_static' does not exist")))
    return {
      why: 'oTree needs a folder _static in the project, and git drops empty folders.',
      hint: 'Add a file to it (`touch _static/.gitkeep`), commit that and build the image again.',
    };
  const word = lastWord(log);
  const ended = exitCode === 0 ? 'It ended by itself' : `It ended with exit code ${exitCode}`;
  return {
    why: word ? `oTree crashed: ${word}` : `${ended}. ${said.trim()}`.trim(),
    hint: 'Mend what the last log lines say, build the image again and deploy that.',
  };
}
