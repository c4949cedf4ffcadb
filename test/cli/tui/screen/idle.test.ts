import { expect, it } from 'vitest';
import { openApp } from '../support/open-app.ts';
import { aTuiState, someNow, someStudies } from '../support/states.ts';

const studies = someStudies(50).map((study, index) => ({
  ...study,
  people: 3,
  changedAt: new Date(someNow - index * 1_700).toISOString(),
}));
const counts = { onPage: 3, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 };

it('writes nothing to the terminal while nothing changes, but ages each 10 s', async () => {
  let now = someNow - (someNow % 10_000);
  await using app = await openApp(aTuiState({ studies, size: { columns: 120, rows: 40 }, now, asOf: now }), {
    now: () => now,
  });
  const drawnAt: number[] = [];
  for (let second = 1; second <= 21; second += 1) {
    now += 1_000;
    app.terminal.forget();
    app.store.dispatchAll([
      { kind: 'compared', studies, activity: [], at: now },
      { kind: 'people-seen', people: { stack: 'study-0001', sentence: '', known: true, counts } },
      { kind: 'ticked' },
    ]);
    await app.drawn();
    if (app.terminal.written.join('') !== '') drawnAt.push(second);
  }
  expect(drawnAt).toEqual([10, 20]);
});
