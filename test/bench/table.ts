const rows: string[][] = [['', 'min', 'median', 'max', 'goal', 'met']];

export const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

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

export function printTable(): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  for (const row of rows) console.log(row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));
}

function goalOf(value: number, limit: number | undefined, unit = ''): [string, string] {
  if (limit === undefined) return ['', ''];
  return [`≤ ${limit} ${unit}`.trim(), value <= limit ? 'yes' : 'NO'];
}
