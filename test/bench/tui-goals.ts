import { namesOfRows, said, shownBy } from './table.ts';

/** What a figure cannot show, and the tests that do; those named `.long.ts` are run by `npm run test:long`. */
const tests: readonly (readonly [goal: string, ...files: string[]])[] = [
  ['G2 a script loads nothing to draw with', 'test/cli/loaded-chunks.test.ts'],
  ['G3 a burst of 50 keys is shown whole', 'test/cli/tui/screen/list.test.ts'],
  ['G5 no frame is taller or wider than the screen', 'test/cli/tui/view/frame.test.ts'],
  ['G6 no flicker, few bytes', 'test/cli/tui/screen/bytes.test.ts'],
  ['G7 the same on Windows', 'test/cli/tui/screen/bytes-on-windows.test.ts'],
  ['G8 nothing is written while nothing changes', 'test/cli/tui/screen/idle.test.ts'],
  [
    'G9 after 60 sizes the screen is a fresh one',
    'test/cli/tui/screen/sizes.test.ts',
    'test/cli/tui/journey/sizes.test.ts',
  ],
  [
    'G10 everything at 60x15, the list at 40x10',
    'test/cli/tui/journey/whole.test.ts',
    'test/cli/tui/journey/sizes.test.ts',
  ],
  ['G11 every action in three keys, by arrows, by the palette', 'test/cli/tui/model/registry.test.ts'],
  ['G12 one registry of keys', 'test/cli/tui/model/registry.test.ts', 'test/scripts/docs.test.ts'],
  ['G13 careless keys start nothing, 100,000 times', 'test/cli/tui/model/careless-keys.test.ts'],
  [
    'G14 an operation outlives its window',
    'test/cli/tui/journey/leaving.test.ts',
    'test/cli/tui/journey/leaving-a-deploy.long.ts',
    'test/cli/tui/journey/suspended.long.ts',
  ],
  ['G15 the terminal is as it was', 'test/cli/tui/journey/leaving.test.ts', 'test/cli/tui/runtime/terminal.test.ts'],
  ['G16 Ctrl-Z and fg', 'test/cli/tui/journey/leaving.test.ts'],
  ['G17 a server that is gone and comes back', 'test/cli/tui/runtime/follow-server.test.ts'],
  [
    'G18 lines for screen readers',
    'test/cli/lines/talk.test.ts',
    'test/cli/lines/say.test.ts',
    'test/cli/lines/journey.test.ts',
    'test/cli/lines/whole-life.test.ts',
    'test/cli/lines/screens/study.test.ts',
  ],
  ['G19 nobody is asked where nobody answers', 'test/cli/surface-matrix.test.ts'],
  [
    'G20 a paused log stands still, copying over SSH',
    'test/cli/tui/model/screens/logs.test.ts',
    'test/cli/tui/runtime/terminal.test.ts',
  ],
  ['G21 words are read on any palette, and without colours', 'test/cli/tui/view/readable.test.ts'],
  ['G22 eight hours of news leave nothing behind', 'test/cli/tui/model/day-of-news.test.ts'],
  ['G23 errors say what, why, now, to do', 'test/cli/tui/view/errors.test.ts', 'test/cli/tui/journey/reports.test.ts'],
  [
    'G24 the first run, to a running example in twelve keys',
    'test/cli/tui/journey/first-run.test.ts',
    'test/cli/tui/journey/whole.test.ts',
  ],
  [
    'G25 the command that is shown does the same',
    'test/cli/tui/journey/same-as.test.ts',
    'test/cli/tui/model/same-as.test.ts',
  ],
];

const goals = Array.from({ length: 25 }, (_, index) => `G${index + 1}`);

/** What tests show. */
export async function testRows(): Promise<void> {
  for (const [goal, ...files] of tests) shownBy(goal, files);
}

/** After everything else: the goals that nothing shows. */
export function missingRows(): void {
  const shown = namesOfRows().map((name) => name.split(' ')[0]);
  for (const goal of goals) if (!shown.includes(goal)) said(goal, 'NO: nothing shows it');
}

/** Rows of the same goal stand together, in the order of the goals. */
export function goalOfRow(name: string): number {
  return Number(/^G(\d+) /.exec(`${name} `)?.[1] ?? 0);
}
