import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { OpenProgram } from './open-program.ts';

const patienceMs = 40_000;

/** Screens as they stand in a file, each below the name of the station it is seen at. */
export interface ExpectedScreens {
  /** Waits until the program shows what stands in the file; goes on where it shows something else. */
  see(program: OpenProgram, station: string): Promise<void>;
  /** Throws with every screen that was another one, and says how to make them the expected ones. */
  check(): Promise<void>;
}

type Screens = ReadonlyMap<string, string>;

export async function readScreens(file: string): Promise<ExpectedScreens> {
  const expected = parse(await readFile(file, 'utf8').catch(() => ''));
  const seen = new Map<string, string>();
  return {
    async see(program, station) {
      const wanted = expected.get(station);
      const isThere = () => maskedScreen(program) === wanted;
      await program.until(isThere, wanted === undefined ? patienceMs / 10 : patienceMs).catch(() => {});
      seen.set(station, maskedScreen(program));
    },
    async check() {
      const different = differences(expected, seen);
      if (different.length === 0) return;
      const folder = join(tmpdir(), 'oforest-screens');
      const found = join(folder, basename(file));
      await mkdir(folder, { recursive: true });
      await writeFile(found, format(seen));
      throw new Error([...different, `\nRead them. Where they are right: cp ${found} ${file}`].join('\n'));
    },
  };
}

function maskedScreen({ screen }: OpenProgram): string {
  return screen
    .lines()
    .map((line) => masked(line).trimEnd())
    .join('\n')
    .trimEnd();
}

const masks: readonly [RegExp, string | ((found: string) => string)][] = [
  [/\d\d:\d\d:\d\d/g, 'hh:mm:ss'],
  [/(?<= )\d:\d\d(?=\W*$)/g, 'm:ss'],
  [/\d{4}-\d\d-\d\d/g, 'yyyy-mm-dd'],
  [/\d{8}T\d{6}Z-[a-z0-9]{10}/g, 'yyyymmddThhmmssZ-iiiiiiiiii'],
  [/otree_old_[a-z0-9]{10}/g, 'otree_old_iiiiiiiiii'],
  [/localhost:\d{5}\b/g, 'localhost:ppppp'],
  [/\b\d+ lines\b/g, 'nn lines'],
  // In a column, the spaces after it make up for its width; in a sentence nothing does.
  [/\b\d+ (?:s|min|h|d) {2,}/g, (found) => 'age'.padEnd(found.length)],
  [/\b\d+ (?:s|min|h|d)(?= ago|\[|$)/g, 'age'],
];

/** The line with words for what differs from run to run: times, durations, ages, ports, ids. */
export function masked(line: string): string {
  return masks.reduce((text, [pattern, word]) => text.replace(pattern, word as string), line);
}

const heading = '== ';

function parse(text: string): Screens {
  const [, ...parts] = `\n${text}`.split(`\n${heading}`);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1).trimEnd()];
    }),
  );
}

function format(screens: Screens): string {
  return [...screens].map(([name, screen]) => `${heading}${name}\n${screen}\n`).join('\n');
}

function differences(expected: Screens, seen: Screens): readonly string[] {
  const names = new Set([...expected.keys(), ...seen.keys()]);
  return [...names]
    .filter((name) => expected.get(name) !== seen.get(name))
    .flatMap((name) => [`\n${heading}${name}`, ...compared(expected.get(name), seen.get(name))]);
}

/** Row by row; a row that is another one stands twice, as it should be and as it is. */
function compared(expected = '', seen = ''): readonly string[] {
  const [wanted, shown] = [expected.split('\n'), seen.split('\n')];
  return Array.from({ length: Math.max(wanted.length, shown.length) }, (_, row) =>
    wanted[row] === shown[row] ? `  ${shown[row]}` : `- ${wanted[row] ?? ''}\n+ ${shown[row] ?? ''}`,
  );
}
