import { counted } from './counted.ts';
import type { Fit, FitFinding, MovedPages, PageCount } from './fit.ts';
import { safeText } from './terminal-text.ts';

/** One plain sentence per finding, the worst first; safe to print. Names of tables, fields and pages come from the image. */
export function describeFit({ findings }: Pick<Fit, 'findings'>): readonly string[] {
  if (findings.length === 0) return ['It fits the data.'];
  const described = findings.filter((finding) => !(finding.kind === 'drops-data' && finding.column === undefined));
  const tables = findings.flatMap((finding) =>
    finding.kind === 'drops-data' && finding.column === undefined ? [`${finding.table} (${rows(finding.rows)})`] : [],
  );
  const lacking = tables.length > 0 ? [`It lacks an app or table that has data: ${some(tables)}.`] : [];
  const isWorse = ({ kind }: FitFinding) => kind === 'misfit';
  return [
    ...described.filter(isWorse).flatMap(sentences),
    ...lacking,
    ...described.filter((finding) => !isWorse(finding)).flatMap(sentences),
  ].map(safeText);
}

function sentences(finding: FitFinding): readonly string[] {
  switch (finding.kind) {
    case 'adds-tables':
      return [`It adds ${counted(finding.tables.length, 'table')}: ${some(finding.tables)}.`];
    case 'adds-columns': {
      const columns = finding.columns.map(({ table, column }) => `${table}.${column}`);
      const are = columns.length === 1 ? 'is' : 'are';
      return [`The data lacks ${some(columns)}, which ${are} empty for earlier rows once added.`];
    }
    case 'moves-pages':
      return movements(finding);
    case 'drops-data':
      return [`It lacks ${finding.table}.${finding.column}, which has data in ${rows(finding.rows)}.`];
    case 'misfit':
      return [misfit(finding)];
  }
}

function movements({ config, people, seats, stuck, skips, repeats, lands }: MovedPages): readonly string[] {
  const where = config === '' ? '' : ` in ${config}`;
  const who = [
    ...(people > 0 ? [people === 1 ? '1 person' : `${people} people`] : []),
    ...(seats > 0 ? [counted(seats, 'open seat')] : []),
  ].join(' and ');
  const pages = (counts: readonly PageCount[]) => some(counts.map(({ page }) => page));
  const would = [
    ...(skips.length > 0 ? [`skip ${pages(skips)}`] : []),
    ...(repeats.length > 0 ? [`see ${pages(repeats)} again`] : []),
    ...(lands.length > 0 ? [`find ${pages(lands)} in place of the page they are on`] : []),
    ...(stuck > 0 ? ['end at an error page'] : []),
  ];
  return [`${who}${where} would ${would.join(', ')}.`];
}

function misfit(finding: Extract<FitFinding, { kind: 'misfit' }>): string {
  if (finding.because === 'otree-version')
    return `It has oTree ${finding.needs}, whose own tables are not those of ${
      /^\d/.test(finding.has) ? `oTree ${finding.has}` : finding.has
    } that made the data.`;
  const { table, column, has, needs } = finding;
  const name = column === undefined ? table : `${table}.${column}`;
  switch (finding.because) {
    case 'type-differs':
      return `${name} is ${has} in the data and ${needs} in the new version.`;
    case 'needs-value-missing':
      return `The data lacks ${name}, which must not be empty.`;
    case 'needs-reference-missing':
      return `The data lacks ${name}, which points to another table.`;
    case 'refuses-empty':
      return `${name} must not be empty in the data, and may be in the new version.`;
    case 'demands-unknown':
      return `${name} must not be empty in the data, and the new version does not know it.`;
    case 'not-a-table':
      return `${name} is no table in the data.`;
  }
}

const rows = (number: number) => counted(number, 'row');

/** At most five by name. */
function some(names: readonly string[]): string {
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
