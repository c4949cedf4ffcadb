/**
 * First row of the window into a list, so that the cursor stays in it with `margin` rows to spare where there are any.
 * All are counts of rows; `height` is that of the window.
 */
export function clampTop(top: number, cursor: number, height: number, count: number, margin = 2): number {
  const spare = Math.min(margin, Math.max(0, Math.floor((height - 1) / 2)));
  const down = Math.min(top, cursor - spare);
  const up = Math.max(down, cursor + spare - height + 1);
  return Math.max(0, Math.min(up, Math.max(0, count - height)));
}

/** Where the cursor goes for a key of movement, in a list of so many rows; undefined for any other key. */
export function moved(cursor: number, key: string, { count, height }: { count: number; height: number }) {
  const to = {
    Up: cursor - 1,
    k: cursor - 1,
    Down: cursor + 1,
    j: cursor + 1,
    PgUp: cursor - height,
    PgDn: cursor + height,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? undefined : Math.max(0, Math.min(to, count - 1));
}

/** The same where all of them are seen; the first for any other key. */
export function movedAmong(cursor: number, key: string, count: number): number {
  return moved(cursor, key, { count, height: count }) ?? 0;
}
