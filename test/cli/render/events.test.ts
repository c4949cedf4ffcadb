import { describe, expect, it } from 'vitest';
import { createEventLines } from '../../../src/cli/render/events.ts';
import type { OperationEvent } from '../../../src/core/index.ts';

const event = (seconds: number, fields: object) =>
  ({ ...fields, at: new Date(Date.UTC(2027, 0, 1) + seconds * 1000).toISOString(), operation: 'op' }) as OperationEvent;

const deployment: readonly OperationEvent[] = [
  event(0, { kind: 'operation-started', verb: 'deploy', stack: 'my-exp' }),
  event(0.1, { kind: 'step-started', step: 'record-release' }),
  event(0.2, { kind: 'release-recorded', release: 3 }),
  event(0.2, { kind: 'step-finished', step: 'record-release', outcome: 'changed' }),
  event(0.4, { kind: 'step-started', step: 'try-image' }),
  event(0.5, { kind: 'waiting', step: 'try-image', on: 'the trial to become healthy' }),
  event(5, { kind: 'notice', notice: { code: 'export-paths-closed', otree: '5.11.5', paths: ['/chat_export'] } }),
  event(12.34, { kind: 'serving', release: 3, url: 'https://my-exp.lab.test', path: 'forwarded' }),
  event(28, { kind: 'operation-finished', result: { stack: 'my-exp', release: 3, state: 'running' } }),
];

function render(looks: Partial<Parameters<typeof createEventLines>[0]> = {}): string {
  const lines = createEventLines({ color: false, ascii: false, verbose: false, ...looks });
  return deployment.flatMap((one) => lines(one)).join('\n');
}

describe('events', () => {
  it('are lines of a log, each with the seconds since the first', () => {
    expect(render()).toBe(`  0.1 s    Writing the release down.
  0.2 s    This becomes v3.
  0.4 s    Trying the image on its own.
  0.5 s      Waiting for the trial to become healthy.
  5.0 s  ! oTree 5.11.5 leaves /chat_export open to anyone; they are closed at the entry point.
 12.3 s  ✓ v3 serves at https://my-exp.lab.test.
 28.0 s  ✓ Done: my-exp runs v3.`);
  });

  it('are all shown when everything is asked for', () => {
    expect(render({ verbose: true })).toContain('  0.2 s    Writing the release down: done.');
  });

  it('can do without letters beyond ASCII', () => {
    expect(render({ ascii: true })).toContain(' 12.3 s  * v3 serves');
    expect(render({ ascii: true })).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('have colours only where they are wanted', () => {
    expect(render()).not.toContain('\u001b');
    expect(render({ color: true })).toContain('\u001b[32m✓\u001b[39m');
  });
});
