import { execFileSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import type { Run } from '../../../../src/cli/commands/run.ts';
import { registerOtherCommands } from '../../../../src/cli/other-commands.ts';
import { createProgram } from '../../../../src/cli/program.ts';
import type { Asked, People } from '../../../../src/cli/tui/model/effects.ts';
import { choicesOf, commandOf, openReview, type ReviewScreen } from '../../../../src/cli/tui/model/screens/review.ts';
import { type Screen, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { createCarryOut } from '../../../../src/cli/tui/runtime/carry-out.ts';
import { createStore, type Store } from '../../../../src/cli/tui/runtime/store.ts';
import {
  listBackups,
  parseStackName,
  randomText,
  reviewBackup,
  reviewDelete,
  reviewReset,
  reviewStop,
  systemClock,
} from '../../../../src/core/index.ts';
import { acquireKeeper } from '../../../../src/core/records/keeper-record.ts';
import { findOperation } from '../../../../src/core/records/operation-record.ts';
import { type Beginning, beginningOf, openBeginning } from '../../../sandbox/beginning.ts';
import { playSession } from '../../../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';
import { aContext } from '../../a-context.ts';
import { peopleSeen } from '../support/reviews.ts';
import { aTuiState } from '../support/states.ts';

/** A study that was deployed, updated, backed up and reset: everything there is can be done to it, or once it is stopped or deleted. */
const beginnings: { running?: Beginning; stopped?: Beginning; deleted?: Beginning } = {};
let backup = '';
beforeAll(async () => {
  await using lab = await openSandboxLab({ start: Date.now() });
  const { server, clock, signal } = lab;
  await lab.prepare();
  await lab.run(await reviewTrust(lab, 'v1'));
  playSession(lab, 'trust', { participants: 4 });
  await lab.run(await reviewTrust(lab, 'v2'));
  await lab.run(await reviewBackup(trust, server));
  await lab.run(await reviewReset(trust, server));
  const { backups } = await listBackups(parseStackName('trust'), {
    swarm: server.swarm,
    clock,
    random: randomText,
    signal,
  });
  backup = backups[0]?.id ?? '';
  beginnings.running = beginningOf(lab);
  await lab.run(await reviewStop(trust, server));
  beginnings.stopped = beginningOf(lab);
  await lab.run(await reviewDelete({ ...trust, now: clock.now() }, server));
  beginnings.deleted = beginningOf(lab);
}, 60_000);

const study = { experiment: 'trust', environment: 'production', stack: 'trust' };
const image = 'localhost:5000/samples/trust-game:v3';
const from: Readonly<Record<Asked['verb'], keyof typeof beginnings>> = {
  ...{ deploy: 'running', rollback: 'running', restore: 'running', stop: 'running', restart: 'running' },
  ...{ backup: 'running', reset: 'running', undo: 'running', delete: 'running' },
  ...{ start: 'stopped', undelete: 'deleted', purge: 'deleted' },
};
const plain = (['start', 'stop', 'restart', 'backup', 'reset', 'undo', 'delete', 'undelete', 'purge'] as const).map(
  (verb): Asked => ({ verb, study }),
);
const everything = (): readonly Asked[] => [
  ...plain,
  { verb: 'deploy', study, image },
  { verb: 'deploy', study, image, addColumns: true },
  { verb: 'deploy', study, image, ignoreOpenPages: true },
  { verb: 'rollback', study },
  { verb: 'rollback', study, to: 1 },
  { verb: 'restore', study, backup },
];
const answers: readonly People['kind'][] = ['refuse', 'wait', 'interrupt'];

it.each(answers)(
  'the command that a review shows starts the same operation, where people are answered with %s',
  async (answer) => {
    const compared: string[] = [];
    for (const asked of everything()) {
      const onScreen = await byScreen(asked, answer);
      // Nobody would notice it: nobody is asked about.
      if (!onScreen) continue;
      compared.push(asked.verb);
      expect(await byCommand(asked, onScreen.command), onScreen.command).toEqual(onScreen.request);
    }

    expect(new Set(compared)).toEqual(new Set(answer === 'refuse' ? Object.keys(from) : disturbing));
  },
  60_000,
);

it('the command of a study on another server than the usual one starts the same there', async () => {
  const asked: Asked = { verb: 'reset', study };
  const onScreen = await byScreen(asked, 'refuse', { server: 'sandbox', usualServer: 'lab' });
  await using usual = await labFor(asked);

  expect(onScreen?.command).toBe('oforest --server sandbox reset trust --confirm trust');
  expect(await byCommand(asked, onScreen?.command ?? '', { lab: usual })).toEqual(onScreen?.request);
});

const disturbing = ['deploy', 'rollback', 'restore', 'stop', 'restart', 'reset', 'undo', 'delete'];

async function labFor({ verb }: Asked): Promise<SandboxLab> {
  const beginning = beginnings[from[verb]];
  if (!beginning) throw new Error('it is not made yet');
  const lab = await openBeginning(beginning);
  // Operations are left to it: none is run, so that what was asked for is all there is to compare.
  await acquireKeeper('somebody', lab.server);
  return lab;
}

/** Asked and answered on the screen: the command that was shown last, and what was recorded. */
async function byScreen(asked: Asked, answer: People['kind'], where = { server: 'lab', usualServer: 'lab' }) {
  await using lab = await labFor(asked);
  const dispatch: Store['dispatch'] = (message) => store.dispatch(message);
  const terminal = { copy: () => 'all' as const, browse() {}, repaint() {}, async suspend() {}, leave() {} };
  const context = aContext();
  const carryOut = createCarryOut({
    ...{
      context,
      dispatch,
      server: () => lab.server,
      reached: async () => lab.server,
      lookAgain() {},
      terminal,
      clock: systemClock,
    },
  });
  const store = createStore(aTuiState(where), {
    carryOut: (effect) => effect.kind !== 'follow' && carryOut(effect),
    now: Date.now,
  });
  const press = (...keys: readonly string[]) => {
    for (const key of keys) {
      dispatch({ kind: 'drawn', serial: topScreen(store.read()).serial });
      dispatch({ kind: 'key', key });
    }
  };
  store.take((state) => openReview(state, asked));
  const { phase, serial } = await shown(store, (top) =>
    top.name === 'review' && top.phase.kind === 'ready' ? { phase: top.phase, serial: top.serial } : undefined,
  );
  if (answer !== 'refuse') {
    if (!phase.review.plan.some(({ interrupts }) => interrupts)) return undefined;
    // They have left by the time that anything is begun: otherwise waiting takes its time.
    dispatch({ kind: 'reviewed', serial, review: phase.review, people: peopleSeen('trust', 24) });
  }
  if (stageOf(store) === 'choose') {
    const at = choicesOf(reviewIn(store)).findIndex(({ takes }) =>
      answer === 'interrupt' ? takes.kind === 'reason' : takes.kind === 'start' && takes.people.kind === answer,
    );
    press(...Array<string>(at).fill('Down'));
    if (answer === 'interrupt' || phase.review.wants === 'typed-name') press('Enter');
    if (answer === 'interrupt') {
      press(...Array.from("it's on fire", (letter) => (letter === ' ' ? 'Space' : letter)));
      if (phase.review.wants === 'typed-name') press('Enter');
    }
  }
  if (stageOf(store) === 'name') press(...'trust');
  const command = commandOf(store.read(), reviewIn(store));
  press('Enter');
  const operation = await shown(store, (top) => (top.name === 'progress' ? top.operation : undefined));
  return { command, request: await requestIn(lab, operation) };
}

/** As a shell takes the command apart, and the program understands it. */
async function byCommand(asked: Asked, command: string, others: Readonly<Record<string, SandboxLab>> = {}) {
  await using lab = await labFor(asked);
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(1, -1);
  const context = {
    ...aContext(),
    withServer: <Result>(use: (server: SandboxLab['server']) => Promise<Result>) =>
      use((others[program.opts().server ?? 'lab'] ?? lab).server),
  };
  const run: Run = async (work) => void (await work(context));
  const program = createProgram('test', run);
  registerOtherCommands(program, run);
  await program.parseAsync([...words, '--detach'], { from: 'user' });
  const accepted = context.said.answers[0]?.json as { operation?: string } | undefined;
  return await requestIn(lab, accepted?.operation ?? '');
}

/** What was recorded, without what is different each time. */
async function requestIn({ server: { swarm } }: SandboxLab, operation: string) {
  const record = await findOperation(operation, { swarm });
  if (!record) throw new Error(`there is no operation ${operation}`);
  const { id: _, createdAt: _at, ...request } = record.request;
  const { work } = request;
  return { ...request, work: work.kind === 'delete' ? { ...work, until: work.until.slice(0, 10) } : work };
}

function reviewIn(store: Store): ReviewScreen {
  const top = topScreen(store.read());
  if (top.name !== 'review') throw new Error(`the screen on top is ${top.name}`);
  return top;
}

function stageOf(store: Store) {
  const { phase } = reviewIn(store);
  return phase.kind === 'ready' ? phase.stage.kind : undefined;
}

/** Once the screen on top shows it; throws what is refused meanwhile. */
const shown = <Found>(store: Store, find: (top: Screen) => Found | undefined) =>
  new Promise<Found>((resolve, reject) => {
    const look = () => {
      const top = topScreen(store.read());
      const found = find(top);
      if (found !== undefined) resolve(found);
      else if (top.name === 'review' && top.phase.kind === 'refused') reject(new Error(top.phase.error.why));
      else return;
      forget();
    };
    const forget = store.subscribe(look);
    look();
  });
