import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setInterval as every, setTimeout as pause } from 'node:timers/promises';
import { reduce } from '../../src/cli/tui/model/reduce.ts';
import { frameOf } from '../../src/cli/tui/view/frame.ts';
import { frame } from '../../src/sandbox/engine/frames.ts';
import { aLine, aLogState } from '../cli/tui/support/logs.ts';
import { openProgram, openProgramHome } from '../cli/tui/support/open-program.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { listenAt } from '../support/sandbox-socket.ts';
import { reviewTrust } from '../support/trust-game.ts';
import { cpuSeconds } from './process-costs.ts';
import { report } from './table.ts';

const size = { columns: 120, rows: 40 };
const linesPerSecond = 2_000;
const access = (number: number) =>
  `INFO:     192.0.2.7:51234 - "GET /p/4f6x2k9a/pg/Contribute/${number} HTTP/1.1" 200 OK`;

/** What a log costs that is being written: a filter as it is typed, and the program while 2,000 lines come each second. */
export async function logRows({ seconds = 60 } = {}): Promise<void> {
  report('G20 a letter of a filter over 5,000 lines of a log, with the frame', filterMs(), 'ms', 50);
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  await using home = await openProgramHome();
  const path = join(home.path, 'docker.sock');
  await using _chatty = await openChattySocket(lab, path);
  await writeFile(join(home.path, 'config.yml'), `servers:\n  lab:\n    socket: ${path}\ncurrent: lab\n`);
  await using program = openProgram(home, { size });
  await program.until('trust');
  program.press('l');
  await program.until(/following · 5,000 lines/);
  await showRows('followed', program, seconds);
  program.press('PgUp');
  await program.until('Paused');
  await showRows('held still', program, seconds);
}

function filterMs(): readonly number[] {
  const lines = Array.from({ length: 5_000 }, (_, index) => aLine(access(index), { second: index / 2_000 }));
  let state = aLogState(lines, size);
  return ['&', ...'contribute !404'].map((key) => {
    const startedAt = performance.now();
    state = reduce(state, { kind: 'key', key: key === ' ' ? 'Space' : key }, state.now).state;
    frameOf(state, { ascii: false });
    return performance.now() - startedAt;
  });
}

async function showRows(how: string, program: { pid: number; written: string }, seconds: number): Promise<void> {
  const frames = () => program.written.split('\u001b[?2026h').length;
  const [cpuBefore, framesBefore, bytesBefore] = [await cpuSeconds(program.pid), frames(), program.written.length];
  await pause(seconds * 1000);
  const cpu = (await cpuSeconds(program.pid)) - cpuBefore;
  report(`G20 a log of 2,000 lines/s, ${how}: CPU of one core`, [(cpu / seconds) * 100], '%', 15);
  report(`G20 a log of 2,000 lines/s, ${how}: frames a second`, [(frames() - framesBefore) / seconds], '', 12);
  report(
    `G20 a log of 2,000 lines/s, ${how}: kB a second`,
    [(program.written.length - bytesBefore) / seconds / 1000],
    'kB',
  );
}

/** The sandbox's Docker, but for the logs that are followed: those of both parts together are 2,000 lines a second. */
function openChattySocket(lab: SandboxLab, path: string): Promise<AsyncDisposable> {
  return listenAt(path, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      if (/^GET \S*\/logs\?\S*follow=true/.test(String(first))) return void chat(socket);
      const stream = lab.sandbox.dialDocker();
      stream.on('error', () => undefined);
      socket.on('close', () => stream.destroy());
      stream.write(first);
      socket.pipe(stream).pipe(socket);
    });
  });
}

async function chat(socket: Socket): Promise<void> {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n');
  const startedAt = performance.now();
  let number = 0;
  for await (const _ of every(10)) {
    if (socket.destroyed) return;
    const due = Math.floor(((performance.now() - startedAt) / 1000) * (linesPerSecond / 2));
    const lines = Array.from({ length: due - number }, () => {
      number += 1;
      const at = new Date().toISOString().replace('Z', `${String(number % 1_000_000).padStart(6, '0')}Z`);
      return frame('stdout', Buffer.from(`${at} ${access(number)}\n`));
    });
    socket.write(Buffer.concat(lines));
  }
}
