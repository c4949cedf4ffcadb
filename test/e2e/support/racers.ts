import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { readBed } from '../bed/bed.ts';
import type { Answer, Order } from './lock-racer.ts';

/** A process that takes, keeps and frees locks as it is told. */
export interface Racer extends AsyncDisposable {
  readonly pid: number;
  ask(order: Order): Promise<Answer>;
  /** SIGSTOP and SIGCONT: what it was told meanwhile it does when it wakes. */
  pause(): void;
  wake(): void;
}

export function startRacer(): Racer {
  const words = [resolve(import.meta.dirname, 'lock-racer.ts'), readBed().dockerSocket];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {});
  return {
    pid: child.pid ?? 0,
    async ask(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the racer ended at ${order.do}`);
      return JSON.parse(value) as Answer;
    },
    pause: () => child.kill('SIGSTOP'),
    wake: () => child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT');
      child.stdin.end();
      await ended;
    },
  };
}
