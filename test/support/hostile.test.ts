import { expect, it } from 'vitest';
import { hostileHosts, hostileImages, hostileNames, hostileValues } from './hostile.ts';

it('has more than 220 different hostile strings', () => {
  const all = new Set([...hostileNames, ...hostileImages, ...hostileValues, ...hostileHosts]);
  expect(all.size).toBeGreaterThan(220);
  for (const list of [hostileNames, hostileImages, hostileValues, hostileHosts])
    expect(list.length).toBe(new Set(list).size);
});
