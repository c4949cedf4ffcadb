import type { Timeline } from '../timeline.ts';
import type { ContainerRecord, LiveContainer } from './containers.ts';
import { goTime } from './store.ts';

/** True once healthy, or at once without a health check; false when it ended or turned out ill. */
export async function awaitHealth(container: LiveContainer, timeline: Timeline): Promise<boolean> {
  if (testOf(container.record).length === 0) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stopProbing = probe(container, timeline, { onIll: () => resolve(false), onHealthy: () => resolve(true) });
  void container.ended.then(() => resolve(false));
  const healthy = await promise;
  stopProbing();
  return healthy;
}

/** Probes again and again, one interval after each answer; the returned function ends it. */
export function probe(
  container: LiveContainer,
  timeline: Timeline,
  { onIll, onHealthy }: { onIll: () => void; onHealthy?: () => void },
): () => void {
  const { record } = container;
  const test = testOf(record);
  if (test.length === 0) return () => undefined;
  const check = record.spec.Healthcheck ?? {};
  const intervalMs = (check.Interval || 30e9) / 1e6;
  const timeoutMs = (check.Timeout || 30e9) / 1e6;
  const startedAt = Date.parse(record.startedAt);
  record.health ??= { Status: 'starting', FailingStreak: 0, Log: [] };
  const { health } = record;
  let done = false;
  const look = () => {
    if (done || !container.isRunning) return;
    const begun = timeline.now();
    const found = container.running.probe?.(test) ?? { exitCode: 0, stdout: '', stderr: '' };
    const afterMs = found.afterMs ?? 30;
    timeline.after(Math.min(afterMs, timeoutMs), () => {
      if (done || !container.isRunning) return;
      const late = afterMs > timeoutMs;
      const Output = late ? `Health check exceeded timeout (${timeoutMs / 1000}s)` : found.stdout + found.stderr;
      const ExitCode = late ? -1 : found.exitCode;
      health.Log = [...health.Log, { Start: goTime(begun), End: goTime(timeline.now()), ExitCode, Output }].slice(-5);
      if (ExitCode === 0) {
        health.FailingStreak = 0;
        health.Status = 'healthy';
        onHealthy?.();
      } else {
        const forgiven = health.Status === 'starting' && begun - startedAt < (check.StartPeriod ?? 0) / 1e6;
        if (!forgiven) health.FailingStreak += 1;
        if (health.FailingStreak >= (check.Retries || 3)) {
          health.Status = 'unhealthy';
          done = true;
          onIll();
        }
      }
      timeline.after(intervalMs, look);
    });
  };
  timeline.after(intervalMs, look);
  return () => {
    done = true;
  };
}

function testOf({ spec }: ContainerRecord): readonly string[] {
  const test = spec.Healthcheck?.Test ?? [];
  return test[0] === 'NONE' ? [] : test;
}
