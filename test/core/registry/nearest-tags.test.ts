import { expect, it } from 'vitest';
import { nearestTags } from '../../../src/core/registry/nearest-tags.ts';

it('names the tags most like the wanted one first', () => {
  expect(nearestTags(['main', 'pilot-1', 'pilot-2', 'v1'], 'pilot-3').slice(0, 2)).toEqual(['pilot-2', 'pilot-1']);
});

it('names the higher number first among equals, and five at most', () => {
  expect(nearestTags(['v1', 'v2', 'v3', 'v4', 'v5', 'v6'], 'v7')).toEqual(['v6', 'v5', 'v4', 'v3', 'v2']);
});

it('compares no more than it asked for', () => {
  const tags = Array.from({ length: 30_000 }, (_, index) => `${'a'.repeat(110)}${index}`);
  const start = performance.now();
  expect(nearestTags(tags, 'b'.repeat(128))).toHaveLength(5);
  expect(performance.now() - start).toBeLessThan(1500);
});
