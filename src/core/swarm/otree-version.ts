/** oTree before 6.0.15 answers these without a login, even with AUTH_LEVEL STUDY (measured on 5.11.5 and 6.0.1b1). */
const leftOpen = ['/ExportPageTimes', '/chat_export'] as const;
const firstClosed = [6, 0, 15];

/** Paths that Traefik has to close for this oTree; none for one that closes them itself, or is not known yet. */
export function closedPathsOf(otree: string | undefined): readonly string[] {
  if (otree === undefined || !isOlder(otree)) return [];
  return leftOpen;
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of firstClosed.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  // A beta of the first closed one may still leave them open.
  return !/^[0-9.]+$/.test(version);
}
