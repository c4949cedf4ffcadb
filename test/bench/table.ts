import { existsSync } from 'node:fs';

const head = ['', 'min', 'median', 'max', 'goal', 'met'];
const rows: string[][] = [];

export const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

/** The smallest value that this part of them do not exceed. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

export const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
};

/** Sorted. */
export async function times(count: number, work: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push(await work());
  return found.sort((a, b) => a - b);
}

/** One row; with a limit, whether the median keeps it. */
export function report(name: string, values: readonly number[], unit = 's', limit?: number): void {
  const sorted = [...values].sort((a, b) => a - b);
  const shown = [sorted[0], middle(sorted), sorted.at(-1)].map((value) => `${value?.toFixed(3)} ${unit}`);
  rows.push([name, ...shown, ...goalOf(middle(sorted), limit, unit)]);
}

/** The medians as a ratio. */
export function compare(name: string, ours: readonly number[], theirs: readonly number[], limit?: number): void {
  const median = (values: readonly number[]) => middle([...values].sort((a, b) => a - b));
  const ratio = median(ours) / median(theirs);
  rows.push([name, '', ratio.toFixed(2), '', ...goalOf(ratio, limit)]);
}

export function count(name: string, found: number, limit: number): void {
  rows.push([name, '', String(found), '', ...goalOf(found, limit)]);
}

/** A goal that has no figure, and the tests that show that it is met. */
export function shownBy(name: string, files: readonly string[]): void {
  const missing = files.filter((file) => !existsSync(file));
  said(name, missing.length === 0 ? `test: ${files.join(', ')}` : `NO: ${missing.join(', ')} is missing`);
}

export function said(name: string, met: string): void {
  rows.push([name, '', '', '', '', met]);
}

export function namesOfRows(): readonly string[] {
  return rows.map(([name = '']) => name);
}

/** As the rows came, or in the order of the numbers that `placeOf` gives their names. */
export function printTable(placeOf: (name: string) => number = () => 0): void {
  const table = [head, ...rows.toSorted(([one = ''], [other = '']) => placeOf(one) - placeOf(other))];
  const widths = head.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  for (const row of table)
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function goalOf(value: number, limit: number | undefined, unit = ''): [string, string] {
  if (limit === undefined) return ['', ''];
  return [`≤ ${limit} ${unit}`.trim(), value <= limit ? 'yes' : 'NO'];
}
