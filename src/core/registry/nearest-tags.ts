const newestFirst = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true });

/** We ask for as many; a registry that sends more than that keeps nobody waiting. */
const maxCompared = 1000;

/** The existing tags most like the wanted one, at most five; among equals `v10` before `v9`. */
export function nearestTags(tags: readonly string[], wanted: string): readonly string[] {
  return tags
    .slice(0, maxCompared)
    .map((tag) => ({ tag, distance: editDistance(tag, wanted) }))
    .sort((a, b) => a.distance - b.distance || newestFirst(a.tag, b.tag))
    .slice(0, 5)
    .map(({ tag }) => tag);
}

/** How many letters have to be added, removed or replaced (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
