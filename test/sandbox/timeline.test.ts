import { describe, expect, it } from 'vitest';
import { clockOn, drivenTimeline, pass, selfDrivenTimeline } from '../../src/sandbox/timeline.ts';

describe('a driven timeline', () => {
  it('lets everything happen in its order, and nothing before its time', () => {
    const timeline = drivenTimeline(0);
    const seen: string[] = [];
    timeline.after(20, () => seen.push(`second at ${timeline.now()}`));
    timeline.after(10, () => {
      seen.push(`first at ${timeline.now()}`);
      timeline.after(5, () => seen.push(`made meanwhile at ${timeline.now()}`));
    });
    const takeBack = timeline.after(12, () => seen.push('never'));
    takeBack();
    timeline.advance(19);
    expect(seen).toEqual(['first at 10', 'made meanwhile at 15']);
    timeline.advance(1);
    expect(seen.at(-1)).toBe('second at 20');
  });

  it('skips time without anything happening in it', () => {
    const timeline = drivenTimeline(0);
    let happened = false;
    timeline.after(10, () => {
      happened = true;
    });
    timeline.skip(1_000);
    expect({ now: timeline.now(), happened }).toEqual({ now: 1_000, happened: false });
    timeline.advance(10);
    expect(happened).toBe(true);
  });
});

describe('a self-driven timeline', () => {
  it('passes an hour in no time when somebody waits for it', async () => {
    const timeline = selfDrivenTimeline(0);
    await Promise.all([pass(timeline, 3_600_000), pass(timeline, 60_000)]);
    expect(timeline.now()).toBe(3_600_000);
  });

  it('stands still while nobody waits', async () => {
    const timeline = selfDrivenTimeline(0);
    timeline.after(10, () => undefined);
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(timeline.now()).toBe(0);
  });

  it('is a clock for operations, whose sleep ends with its signal', async () => {
    const timeline = selfDrivenTimeline(0);
    const clock = clockOn(timeline);
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(sleeping).rejects.toThrow('stopped');
    await clock.sleep(500, new AbortController().signal);
    expect(clock.now().getTime()).toBe(500);
  });
});
