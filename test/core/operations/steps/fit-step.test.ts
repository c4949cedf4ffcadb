import { describe, expect, it } from 'vitest';
import type { FitFinding } from '../../../../src/core/domain/fit.ts';
import { waysOut } from '../../../../src/core/operations/steps/fit-step.ts';

const column = { table: 'intro_player', column: 'age', type: 'integer' };
const lacks: FitFinding = { kind: 'adds-columns', columns: [column] };
const drops: FitFinding = { kind: 'drops-data', table: 'intro_player', column: 'name', rows: 12 };
const differs: FitFinding = { kind: 'misfit', because: 'type-differs', ...column, has: 'text', needs: 'integer' };
const moves: FitFinding = {
  ...{ kind: 'moves-pages', config: 'intro', people: 3, seats: 0, stuck: 0 },
  ...{ skips: [{ page: 'Results', people: 3 }], repeats: [], lands: [] },
};

const hintFor = (...findings: FitFinding[]) => waysOut({ findings }, 'my-exp');

describe('what to do about an image that does not fit', () => {
  it('offers to add columns, where nothing else stands in the way', () => {
    expect(hintFor(lacks)).toMatch(/^Add --add-columns .* or reset this one first \(`oforest reset my-exp`/);
    expect(hintFor(drops, lacks)).not.toContain('--add-columns');
  });

  it('does not offer a reset against tables, which it would make the same again', () => {
    expect(hintFor(differs, drops, lacks)).toMatch(/^Deploy it as a new experiment/);
    expect(hintFor(differs, drops, lacks)).not.toContain('oforest reset');
  });

  it('names what would have to stay, or be waited for, where people or answers stand in the way', () => {
    expect(hintFor(drops, moves)).toMatch(/^Keep in the image what has data/);
    expect(hintFor(moves)).toMatch(/^Wait until nobody is unfinished/);
  });
});
