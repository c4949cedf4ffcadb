import { describe, expect, it } from 'vitest';
import { describeFit } from '../../../src/core/domain/describe-fit.ts';
import {
  type Column,
  compareFit,
  fingerprintOf,
  goesOnByItself,
  type PagesFacts,
  type Place,
  type RowFacts,
  type SchemaFacts,
  type SessionProgress,
} from '../../../src/core/domain/fit.ts';
import { lackedBy } from '../../../src/core/domain/fit-of-schema.ts';

const id: Column = { name: 'id', type: 'integer', notNull: true, hasDefault: true };
const integer = (name: string): Column => ({ name, type: 'integer' });
const text = (name: string, length: number): Column => ({ name, type: `character varying(${length})` });

type Tables = Readonly<Record<string, readonly Column[]>>;
const schema = (tables: Tables): SchemaFacts => ({
  tables: Object.entries(tables).map(([name, columns]) => ({ name, kind: 'table', columns: [id, ...columns] })),
});
const app = (name: string, player: readonly Column[] = []): Tables => ({
  [`${name}_player`]: player,
  [`${name}_group`]: [],
  [`${name}_subsession`]: [],
});
const otree6 = { otree_participant: [integer('_index_in_pages'), { ...text('status', 50), notNull: true }] };
const otree5 = { otree_participant: [integer('_index_in_pages'), text('_monitor_note', 300)] };

const pagesOf = (apps: PagesFacts['apps'], more: Partial<PagesFacts> = {}): PagesFacts => ({
  otree: '6.0.15',
  configs: { main: Object.keys(apps) },
  apps,
  sessions: {},
  ...more,
});
const game = (...pages: string[]) => ({ game: { rounds: 1, pages } });

/** One session of the config `main`, whose pages were `before` when it was made. */
function moved(
  before: PagesFacts['apps'],
  after: PagesFacts['apps'],
  places: readonly Place[],
  { live, sequence = Object.keys(before) }: { live?: PagesFacts['apps']; sequence?: readonly string[] } = {},
) {
  const total = sequence.reduce((sum, name) => sum + before[name]!.rounds * before[name]!.pages.length, 0);
  const rounds = Object.fromEntries(sequence.map((name) => [name, before[name]!.rounds]));
  const session: SessionProgress = { id: 7, total, rounds, places };
  const next = pagesOf(after, { sessions: { 7: { config: 'main', apps: sequence } } });
  const facts = { expected: schema({}), live: schema({}), rows: {}, progress: { sessions: [session] } };
  return compareFit({ ...facts, pages: { next, live: live && pagesOf(live) } });
}
const at = (index: number, page?: string, more: Partial<Place> = {}): Place => ({
  ...{ index, people: 1 },
  ...(page !== undefined && { page, app: 'game', round: 1 }),
  ...more,
});

function tables(expected: Tables, live: Tables, rows: RowFacts = {}, liveOtree?: string) {
  const pages = { next: pagesOf({}) };
  const progress = { sessions: [] };
  return compareFit({ expected: schema(expected), live: schema(live), pages, progress, rows, liveOtree });
}

describe('tables and columns', () => {
  it('fits what is the same, and goes on by itself', () => {
    const fit = tables(app('game', [integer('offer')]), app('game', [integer('offer')]));
    expect(fit).toMatchObject({ verdict: 'fits', findings: [] });
    expect(goesOnByItself(fit)).toBe(true);
    expect(describeFit(fit)).toEqual(['It fits the data.']);
  });

  it('lets a new app go on by itself', () => {
    const fit = tables({ ...app('game'), ...app('survey') }, app('game'));
    expect(fit.verdict).toBe('adds-tables');
    expect(goesOnByItself(fit)).toBe(true);
    expect(describeFit(fit)).toEqual(['It adds 3 tables: survey_player, survey_group and survey_subsession.']);
  });

  it('asks before it adds a column, and names its type', () => {
    const fit = tables(app('game', [integer('offer'), text('why', 10000)]), app('game', [integer('offer')]));
    expect(fit.findings).toEqual([
      { kind: 'adds-columns', columns: [{ table: 'game_player', column: 'why', type: 'character varying(10000)' }] },
    ]);
    expect(goesOnByItself(fit)).toBe(false);
    expect(describeFit(fit)).toEqual(['The data lacks game_player.why, which is empty for earlier rows once added.']);
  });

  it.each<[string, Column | undefined, Column | undefined, string]>([
    ['changes its type', integer('x'), { name: 'x', type: 'double precision' }, 'type-differs'],
    ['becomes shorter than what is needed', text('x', 50), text('x', 100), 'type-differs'],
    ['must not be empty and is missing', undefined, { ...integer('x'), notNull: true }, 'needs-value-missing'],
    [
      'points to another table and is missing',
      undefined,
      { ...integer('x'), references: true },
      'needs-reference-missing',
    ],
    ['must not be empty in the data alone', { ...integer('x'), notNull: true }, integer('x'), 'refuses-empty'],
    ['must not be empty and is unknown', { ...integer('x'), notNull: true }, undefined, 'demands-unknown'],
  ])('does not fit a column that %s', (_, has, needs, because) => {
    const some = (column: Column | undefined) => app('game', column ? [column] : []);
    const fit = tables(some(needs), some(has), { game_player: { rows: 0, filled: {} } });
    expect(fit.verdict).toBe('misfit');
    expect(fit.findings).toEqual([expect.objectContaining({ because, table: 'game_player', column: 'x' })]);
  });

  it.each<[string, Column, Column]>([
    ['a longer text', text('x', 100), text('x', 50)],
    ['a text without end', { name: 'x', type: 'text' }, text('x', 50)],
    ['an unknown column that may be empty', integer('y'), integer('y')],
  ])('fits %s', (_, has, needs) => {
    expect(tables(app('game', [needs]), app('game', [has])).verdict).toBe('fits');
  });

  it('fits an unknown column that fills itself', () => {
    const has = app('game', [{ ...integer('x'), notNull: true, hasDefault: true }]);
    expect(tables(app('game'), has, { game_player: { rows: 0, filled: {} } }).verdict).toBe('fits');
  });

  it('does not take a view for a table', () => {
    const view: SchemaFacts = { tables: [{ name: 'game_player', kind: 'other', columns: [id] }] };
    const facts = { pages: { next: pagesOf({}) }, progress: { sessions: [] }, rows: {} };
    expect(compareFit({ ...facts, expected: schema({ game_player: [] }), live: view }).findings).toEqual([
      { kind: 'misfit', because: 'not-a-table', table: 'game_player' },
    ]);
  });
});

describe('data that the new image has no place for', () => {
  const before = {
    ...app('game', [integer('offer'), integer('unused')]),
    ...app('game_two'),
    own_notes: [],
    own_player: [],
  };

  it('asks for the rows of what is lacked, and leaves alone what no app of oTree made', () => {
    expect(lackedBy(schema(app('game', [integer('offer')])), schema(before))).toEqual([
      { table: 'game_player', columns: ['unused'] },
      { table: 'game_two_player', columns: [] },
      { table: 'game_two_group', columns: [] },
      { table: 'game_two_subsession', columns: [] },
    ]);
  });

  it('counts only what has something in it', () => {
    const rows = (filled: number, count: number): RowFacts => ({
      game_player: { rows: 9, filled: { unused: filled } },
      game_two_player: { rows: count, filled: {} },
      game_two_group: { rows: 0, filled: {} },
      game_two_subsession: { rows: 0, filled: {} },
    });
    expect(tables(app('game', [integer('offer')]), before, rows(0, 0)).verdict).toBe('fits');
    const fit = tables(app('game', [integer('offer')]), before, rows(4, 6));
    expect(fit.findings).toEqual([
      { kind: 'drops-data', table: 'game_player', column: 'unused', rows: 4 },
      { kind: 'drops-data', table: 'game_two_player', rows: 6 },
    ]);
    expect(describeFit(fit)).toEqual([
      'It lacks an app or table that has data: game_two_player (6 rows).',
      'It lacks game_player.unused, which has data in 4 rows.',
    ]);
  });

  it('takes rows that were not counted for a mistake of ours, not for none', () => {
    expect(() => tables(app('game', [integer('offer')]), before)).toThrow('not counted');
  });
});

describe('versions of oTree', () => {
  it.each([
    ['a 6.0 image on data of 5.11', otree6, otree5, '5.11.5'],
    ['a 5.11 image on data of 6.0', otree5, otree6, undefined],
  ])('takes %s for a misfit, by the columns of oTree itself', (_, expected, live, liveOtree) => {
    const fit = tables({ ...expected, ...app('game', [integer('offer')]) }, { ...live, ...app('game') }, {}, liveOtree);
    expect(fit.verdict).toBe('misfit');
    expect(fit.findings.map(({ kind }) => kind)).toEqual(['misfit', 'adds-columns']);
    expect(describeFit(fit)[0]).toBe(
      `It has oTree 6.0.15, whose own tables are not those of ${liveOtree ? 'oTree 5.11.5' : 'another version'} that made the data.`,
    );
  });

  it('fits another version with the same tables', () => {
    expect(tables(otree6, otree6, {}, '6.0.14').verdict).toBe('fits');
  });

  it('adds a column to a table of oTree within one version, and not over a change of it', () => {
    const more = { otree_session: [integer('wave')] };
    expect(tables(more, { otree_session: [] }, {}, '6.0.15').verdict).toBe('adds-columns');
    expect(tables(more, { otree_session: [] }, {}, '6.0.14').verdict).toBe('misfit');
    expect(tables(more, { otree_session: [] }).verdict).toBe('misfit');
  });
});

describe('people who are not done', () => {
  const abcd = game('A', 'B', 'C', 'D');
  const everywhere = [at(0), at(1, 'A'), at(2, 'B'), at(3, 'C'), at(4, 'D')];

  it('leaves them in peace when their pages stay', () => {
    expect(moved(abcd, abcd, everywhere).verdict).toBe('fits');
    expect(moved(abcd, abcd, everywhere, { live: abcd }).verdict).toBe('fits');
  });

  it.each([
    ['the running code', abcd],
    ['the database alone', undefined],
  ])('knows by %s that an inserted page cuts off the last one', (_, live) => {
    const fit = moved(abcd, game('A', 'B', 'X', 'C', 'D'), [at(2, 'B', { people: 3 })], { ...(live && { live }) });
    expect(fit.verdict).toBe('moves-pages');
    expect(describeFit(fit)).toEqual(['3 people in main would skip D.']);
    expect(goesOnByItself(fit)).toBe(false);
  });

  it('says what happens to those behind the inserted page', () => {
    const fit = moved(abcd, game('X', 'A', 'B', 'C', 'D'), [at(3, 'C')], { live: abcd });
    expect(describeFit(fit)).toEqual(['1 person in main would skip D, see B again.']);
    expect(describeFit(moved(abcd, game('X', 'A', 'B', 'C', 'D'), [at(3, 'C')]))).toEqual([
      '1 person in main would skip D, find B in place of the page they are on.',
    ]);
  });

  it('counts seats that nobody has taken apart', () => {
    const fit = moved(abcd, game('X', 'A', 'B', 'C', 'D'), [at(0, undefined, { people: 5 })]);
    expect(fit.findings).toMatchObject([{ people: 0, seats: 5, skips: [{ page: 'D', people: 5 }], repeats: [] }]);
    expect(describeFit(fit)).toEqual(['5 open seats in main would skip D.']);
    expect(moved(abcd, game('X', 'B', 'C', 'D'), [at(0)], { live: abcd }).verdict).toBe('fits');
  });

  it('sees a page removed: one is skipped, and at the end there is none', () => {
    const fit = moved(abcd, game('B', 'C', 'D'), [at(2, 'B')], { live: abcd });
    expect(fit.findings).toMatchObject([{ people: 1, skips: [{ page: 'B' }], lands: [{ page: 'C' }], stuck: 1 }]);
  });

  it('sees, with the running code, two pages that change places around the open one', () => {
    const swapped = game('A', 'D', 'C', 'B');
    expect(moved(abcd, swapped, [at(3, 'C')], { live: abcd }).findings).toMatchObject([
      { skips: [{ page: 'D' }], repeats: [{ page: 'B' }], lands: [] },
    ]);
    expect(moved(abcd, swapped, [at(3, 'C')]).verdict).toBe('fits');
  });

  it('lets pages change that are all ahead, or all behind', () => {
    expect(moved(abcd, game('A', 'B', 'D', 'C'), [at(1, 'A')], { live: abcd }).verdict).toBe('fits');
    expect(moved(abcd, game('B', 'A', 'C', 'D'), [at(4, 'D')], { live: abcd }).verdict).toBe('fits');
  });

  it('names the page in whose place another one is', () => {
    expect(describeFit(moved(abcd, game('A', 'New', 'C', 'D'), [at(2, 'B')]))).toEqual([
      '1 person in main would find New in place of the page they are on.',
    ]);
  });

  it('tells a page that is shown twice apart by where it is', () => {
    expect(moved(game('A', 'B', 'A'), game('A', 'B', 'A'), [at(3, 'A')]).verdict).toBe('fits');
  });

  it('takes the rounds that a session was made with, when the running code has others', () => {
    const rounds = (count: number, ...pages: string[]) => ({ game: { rounds: count, pages } });
    const swapped = rounds(2, 'A', 'D', 'C', 'B');
    const fit = moved(rounds(2, 'A', 'B', 'C', 'D'), swapped, [at(3, 'C')], { live: rounds(1, 'A', 'B', 'C', 'D') });
    expect(describeFit(fit)).toEqual(['1 person in main would skip D in round 1, see B in round 1 again.']);
  });

  it('is not kept busy by an image that counts without end', () => {
    const endless = { game: { rounds: 1e15, pages: ['A'] }, blank: { rounds: 1e15, pages: [] } };
    expect(moved({ ...game('A'), blank: { rounds: 1, pages: [] } }, endless, [at(1, 'A')]).findings).toMatchObject([
      { stuck: 1 },
    ]);
    const session = { id: 1, total: 1, rounds: { game: 1e15, blank: 1e15 }, places: [at(1, 'A')] };
    const next = pagesOf(endless, { sessions: { 1: { config: 'main', apps: ['blank', 'game'] } } });
    const facts = { expected: schema({}), live: schema({}), rows: {}, progress: { sessions: [session] } };
    expect(compareFit({ ...facts, pages: { next, live: next } }).findings).toMatchObject([{ stuck: 1 }]);
  });

  it('goes by the database where the running code is not what the session began with', () => {
    const longer = game('A', 'B', 'X', 'C', 'D');
    expect(moved(abcd, abcd, [at(3, 'C')], { live: longer }).verdict).toBe('fits');
    expect(moved(abcd, longer, [at(3, 'C')], { live: longer }).verdict).toBe('moves-pages');
  });

  it('ends a session at an error page when an app of it is gone, or has more rounds than rows', () => {
    expect(moved(abcd, { other: { rounds: 1, pages: ['A'] } }, [at(1, 'A')]).findings).toMatchObject([{ stuck: 1 }]);
    const rounds = (count: number) => ({ game: { rounds: count, pages: ['A', 'B'] } });
    expect(moved(rounds(2), rounds(3), [at(1, 'A')]).findings).toMatchObject([{ stuck: 1, skips: [] }]);
    expect(moved(rounds(3), rounds(2), [at(1, 'A')]).findings).toMatchObject([{ stuck: 1 }]);
  });

  it('counts by the sequence that was stored with the session, not by that of the new config', () => {
    const two = { first: { rounds: 2, pages: ['Go'] }, last: { rounds: 1, pages: ['Go', 'Pay'] } };
    const place = { index: 2, app: 'last', page: 'Pay', round: 1, people: 1 };
    expect(moved(two, two, [place], { sequence: ['last', 'first'], live: two }).verdict).toBe('fits');
    const longer = { ...two, last: { rounds: 1, pages: ['Go', 'Ask', 'Pay'] } };
    expect(describeFit(moved(two, longer, [place], { sequence: ['last', 'first'], live: two }))).toEqual([
      '1 person in main would skip Go of first in round 2, find Ask of last in place of the page they are on.',
    ]);
  });

  it('takes a session that the new image cannot read for one that ends', () => {
    const progress = { sessions: [{ id: 1, total: 2, rounds: {}, places: [at(1, 'A', { people: 2 })] }] };
    const check = (next: PagesFacts) =>
      compareFit({ expected: schema({}), live: schema({}), rows: {}, pages: { next }, progress });
    expect(describeFit(check(pagesOf(abcd)))).toEqual(['2 people would end at an error page.']);
    const withoutRows = pagesOf(abcd, { sessions: { 1: { config: 'main', apps: ['game'] } } });
    expect(describeFit(check(withoutRows))).toEqual(['2 people in main would end at an error page.']);
  });
});

describe('the verdict', () => {
  it('is the worst finding, and all of them are told, the worst first', () => {
    const fit = tables(
      { ...app('game', [integer('offer'), integer('new')]), ...app('survey') },
      { ...app('game', [text('offer', 50), integer('old')]) },
      { game_player: { rows: 3, filled: { old: 2 } } },
    );
    expect(fit.verdict).toBe('misfit');
    expect(fit.findings.map(({ kind }) => kind)).toEqual(['misfit', 'drops-data', 'adds-columns', 'adds-tables']);
  });

  it('prints nothing that a terminal obeys', () => {
    expect(describeFit(tables({ 'a\u001b[2J_player': [] }, {}))).toEqual(['It adds 1 table: a␛[2J_player.']);
  });
});

describe('the fingerprint', () => {
  const pages = pagesOf({ ...game('A'), other: { rounds: 1, pages: ['B'] } });
  const of = (tables: Tables, facts = pages) => fingerprintOf(schema(tables), facts);

  it('is short, and does not depend on order', () => {
    expect(of(app('game'))).toMatch(/^[0-9a-f]{23}\.[0-9a-f]{23}$/);
    const [a, b] = [integer('a'), integer('b')];
    expect(of({ x: [a, b], y: [] })).toBe(of({ y: [], x: [b, a] }));
    expect(of({}, { ...pages, apps: { other: pages.apps.other!, game: pages.apps.game! } })).toBe(of({}));
    expect(of({}, { ...pages, sessions: { 3: { config: 'main', apps: ['game'] } } })).toBe(of({}));
  });

  it('tells tables and pages apart', () => {
    const [tablesBefore, pagesBefore] = of(app('game')).split('.');
    const [tablesAfter, pagesAfter] = of(app('game', [integer('x')])).split('.');
    expect(tablesAfter).not.toBe(tablesBefore);
    expect(pagesAfter).toBe(pagesBefore);
    expect(of(app('game'), pagesOf(game('A', 'B'))).split('.')[1]).not.toBe(pagesBefore);
  });
});
