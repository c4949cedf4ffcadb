import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeFit } from '../../src/core/domain/describe-fit.ts';
import type { Fit } from '../../src/core/domain/fit.ts';
import type { ExpectedError } from '../../src/core/errors.ts';
import { checkFit } from '../../src/core/operations/steps/check-fit.ts';
import type { SwarmGateway } from '../../src/core/swarm/gateway.ts';
import { type EngineConnection, openEngine } from '../../src/core/swarm/open-engine.ts';
import { swarmOverEngine } from '../../src/core/swarm/over-engine.ts';
import { type ImageName, readBed } from './bed/bed.ts';
import { type BareStudy, type BareWeb, startBareStudy, visit } from './support/bare-study.ts';

const { images, dockerSocket } = readBed();
const signal = new AbortController().signal;
const seconds: number[] = [];
let connection: EngineConnection;
let swarm: SwarmGateway;
let study: BareStudy;
let web: BareWeb;
/** Of one session: on the first page, on the last one, and one that nobody has opened. */
let links: readonly string[];

beforeAll(async () => {
  connection = await openEngine(
    { socket: dockerSocket },
    { signal, environment: { home: '/nowhere', userName: 'anna' } },
  );
  swarm = swarmOverEngine(connection.engine, { signal });
  study = await startBareStudy('fit-bed', images['postgres:15']);
  web = await study.start(images['study:v1'], 'otree');
  links = await web.createSession('survey', 3);
  await visit(web, links[0]!);
  await visit(web, links[1]!);
  await visit(web, links[1]!, { age: '33', field_of_study: 'law' });
});
afterAll(async () => {
  console.log(`fit checks in seconds: ${seconds.map((taken) => taken.toFixed(1)).join(' ')}`);
  await study?.[Symbol.asyncDispose]();
  await connection?.[Symbol.asyncDispose]();
});

async function fitOf(
  image: ImageName,
  options: { web?: BareWeb; liveDatabase?: string; liveOtree?: string } = {},
): Promise<Fit> {
  await using trial = await study.start(images[image], 'otree_trial', { isTrial: true });
  const startedAt = performance.now();
  const asked = { ...options, web: options.web?.task, subject: image, trial: trial.task, database: study.database };
  const fit = await checkFit(asked, { swarm }).catch((error: ExpectedError) => {
    throw new Error(`${error.message}: ${error.why}`, { cause: error });
  });
  seconds.push((performance.now() - startedAt) / 1000);
  return fit;
}

it('fits when neither tables nor pages changed', async () => {
  expect(await fitOf('study:v2')).toMatchObject({ verdict: 'fits', findings: [] });
  expect(await fitOf('user-root-workdir')).toMatchObject({ verdict: 'fits' });
  expect((await fitOf('study:v2', { web })).fingerprint).toBe((await fitOf('study:v3')).fingerprint);
});

it('adds the tables of a new app', async () => {
  const fit = await fitOf('new-app', { web, liveOtree: '6.0.15' });
  expect(fit).toMatchObject({ verdict: 'adds-tables' });
  expect(fit.findings).toEqual([{ kind: 'adds-tables', tables: ['extra_group', 'extra_player', 'extra_subsession'] }]);
});

it('drops data when a field with answers is gone', async () => {
  const fit = await fitOf('less-field');
  expect(fit.verdict).toBe('drops-data');
  expect(fit.findings).toEqual([{ kind: 'drops-data', table: 'survey_player', column: 'field_of_study', rows: 1 }]);
});

it('takes a renamed app for what it is: data dropped, tables added, and people without a page', async () => {
  const fit = await fitOf('renamed-app');
  expect(fit.verdict).toBe('drops-data');
  expect(fit.findings.map(({ kind }) => kind)).toEqual([
    'drops-data',
    'drops-data',
    'drops-data',
    'moves-pages',
    'adds-tables',
  ]);
  expect(describeFit(fit)).toMatchInlineSnapshot(`
    [
      "It lacks an app or table that has data: survey_group (1 row), survey_player (3 rows) and survey_subsession (1 row).",
      "2 people and 1 open seat in survey would end at an error page.",
      "It adds 3 tables: questionnaire_group, questionnaire_player and questionnaire_subsession.",
    ]
  `);
});

it('drops data when an app with rows is in no session config any more', async () => {
  const fit = await fitOf('no-survey', { web });
  expect(fit.verdict).toBe('drops-data');
  expect(fit.findings).toContainEqual({ kind: 'drops-data', table: 'survey_player', rows: 3 });
  expect(fit.findings).toContainEqual(expect.objectContaining({ kind: 'moves-pages', people: 2, seats: 1, stuck: 3 }));
});

it.each([
  ['with the running code', true],
  ['from the database alone', false],
])('knows who would miss a page when one is inserted, %s', async (_, asksWeb) => {
  const fit = await fitOf('more-pages', asksWeb ? { web } : {});
  expect(fit).toMatchObject({ verdict: 'moves-pages' });
  expect(fit.findings).toEqual([
    {
      ...{ kind: 'moves-pages', config: 'survey', people: 2, seats: 1, stuck: 0, repeats: [] },
      skips: [{ page: 'Thanks', people: 3 }],
      lands: [{ page: 'Note', people: 1 }],
    },
  ]);
});

it('is right about them: whoever goes on with such an image ends without the last page', async () => {
  await study.createDatabase('otree_new_moved');
  const liveDatabase = 'otree_new_moved';
  let link: string | undefined;
  {
    await using before = await study.start(images['study:v1'], liveDatabase);
    [link] = await before.createSession('survey', 1);
    expect(await visit(before, link!)).toBe('Questions');
  }
  expect((await fitOf('more-pages', { liveDatabase })).findings).toMatchObject([
    { people: 1, skips: [{ page: 'Thanks', people: 1 }] },
  ]);
  await using after = await study.start(images['more-pages'], liveDatabase);
  expect(await visit(after, link!, { age: '40', field_of_study: 'law' })).toBe('Note');
  expect(await visit(after, link!, {})).toBe('OutOfRange');
});

it('takes an image of another oTree for a misfit, by the tables of oTree itself', async () => {
  const older = await fitOf('study:otree-5');
  expect(older.findings[0]).toEqual({
    kind: 'misfit',
    because: 'otree-version',
    has: 'another version',
    needs: '5.11.5',
  });
  expect(older.findings.filter(({ kind }) => kind === 'adds-columns')).toEqual([]);

  await study.createDatabase('otree_new_five');
  await using five = await study.start(images['study:otree-5'], 'otree_new_five');
  const [link] = await five.createSession('survey', 2);
  expect(await visit(five, link!)).toBe('Questions');
  const liveDatabase = 'otree_new_five';
  expect(await fitOf('study:otree-5', { web: five, liveDatabase })).toMatchObject({ verdict: 'fits' });
  expect((await fitOf('study:v1', { web: five, liveDatabase })).findings).toContainEqual({
    ...{ kind: 'misfit', because: 'otree-version', has: '5.11.5', needs: '6.0.15' },
  });
});

it('names the missing columns; once added, the session goes on and old rows are kept', async () => {
  const fit = await fitOf('new-field');
  expect(fit).toMatchObject({ verdict: 'adds-columns' });
  const columns = [
    { table: 'survey_player', column: 'comment', type: 'text' },
    { table: 'survey_player', column: 'years', type: 'integer' },
  ];
  expect(fit.findings).toEqual([{ kind: 'adds-columns', columns }]);

  await web[Symbol.asyncDispose]();
  {
    await using unfit = await study.start(images['new-field'], 'otree');
    expect(await visit(unfit, links[0]!)).toBe('500');
  }
  for (const { table, column, type } of columns)
    await study.sql('otree', `ALTER TABLE "${table}" ADD COLUMN "${column}" ${type}`);
  await using newer = await study.start(images['new-field'], 'otree');
  const answers = { age: '21', field_of_study: 'art', comment: 'none', years: '2' };
  expect(await visit(newer, links[0]!, answers)).toBe('Thanks');
  expect(await study.sql('otree', 'SELECT field_of_study, comment, years FROM survey_player ORDER BY id')).toBe(
    'art|none|2\nlaw||\n||',
  );

  expect(await fitOf('new-field')).toMatchObject({ verdict: 'fits' });
  expect((await fitOf('study:v1')).findings).toEqual([
    { kind: 'drops-data', table: 'survey_player', column: 'comment', rows: 1 },
    { kind: 'drops-data', table: 'survey_player', column: 'years', rows: 1 },
  ]);
});

it('lets those go who have sat on the last page for an hour, and those whom oTree says are gone', async () => {
  await study.sql('otree', 'UPDATE otree_participant SET _last_request_timestamp = _last_request_timestamp - 3700');
  expect(await fitOf('more-pages')).toMatchObject({
    findings: [{ kind: 'drops-data' }, { kind: 'drops-data' }, { people: 0, seats: 1 }],
  });
  await study.sql('otree', "UPDATE otree_participant SET status = 'gone'");
  expect((await fitOf('more-pages')).findings.map(({ kind }) => kind)).toEqual(['drops-data', 'drops-data']);
});
