import { describe, expect, it } from 'vitest';
import { closedPathsOf } from '../../../src/core/swarm/otree-version.ts';

describe('the export paths that oTree leaves open', () => {
  it.each(['5.11.5', '5.10', '6.0.1b1', '6.0.14', '3.3.11', '6'])('are closed for %s', (version) => {
    expect(closedPathsOf(version)).toEqual(['/ExportPageTimes', '/chat_export']);
  });

  it.each(['6.0.15', '6.0.16', '6.1', '7.0.0b1', '10.0'])('are closed by %s itself', (version) => {
    expect(closedPathsOf(version)).toEqual([]);
  });

  it('are closed when the version could not be read, and wait for the trial when there was none yet', () => {
    expect(closedPathsOf('unknown')).toEqual(['/ExportPageTimes', '/chat_export']);
    expect(closedPathsOf(undefined)).toEqual([]);
  });
});
