import { actions, generalActions, type Tier } from '../../src/cli/tui/model/actions.ts';
import type { Binding } from '../../src/cli/tui/model/bindings.ts';
import { globalBindings } from '../../src/cli/tui/model/global-bindings.ts';
import type { ListScreen } from '../../src/cli/tui/model/list.ts';
import { bindingsOf } from '../../src/cli/tui/model/screens.ts';
import type { ScreenName } from '../../src/cli/tui/model/state.ts';
import { titleOfScreen } from '../../src/cli/tui/model/titles.ts';
import { aStudy, aTuiState } from '../../test/cli/tui/support/states.ts';

const lists = [
  'experiments',
  'history',
  'links',
  'backups',
  'activity',
  'check',
  'servers',
] as const satisfies readonly ListScreen['name'][];

/** What the keys do: everywhere, in all lists, and on each screen. */
export function keyTables(): string {
  const inLists = bindingsOf('experiments').filter((one) =>
    lists.every((name) => bindingsOf(name).some((other) => lineOf(other) === lineOf(one))),
  );
  const isList = (name: ScreenName) => lists.some((one) => one === name);
  const ofScreen = (name: ScreenName) =>
    bindingsOf(name).filter((one) => !isList(name) || inLists.every((other) => lineOf(other) !== lineOf(one)));
  return [
    keyTable('Everywhere', globalBindings),
    keyTable('In every list', inLists),
    ...(Object.keys(titleOfScreen) as ScreenName[]).map((name) => keyTable(titleOfScreen[name], ofScreen(name))),
  ].join('\n\n');
}

function keyTable(title: string, bindings: readonly Binding[]): string {
  return [`### ${title}`, '', '| Keys | |', '|---|---|', ...bindings.map(lineOf)].join('\n');
}

function lineOf({ keys, does }: Binding): string {
  return `| ${keys.map((key) => `\`${key}\``).join(' ')} | ${does} |`;
}

const askedFor: Readonly<Record<Tier, string>> = {
  look: 'nothing: it only looks',
  reversible: 'a review, then Enter',
  disruptive: 'a review; where people are in a session, waiting for them is the first choice',
  final: 'a review, then the name of the experiment, typed',
};

const kinds = [
  ['running', aStudy()],
  ['at work', aStudy({ busy: { operation: 'op', verb: 'backup', by: 'ada' } })],
  ['stopped', aStudy({ state: 'stopped' })],
  ['deleted', aStudy({ state: 'deleted' })],
] as const;

/** What can be done with an experiment, with which it can be done, and what is asked before. */
export function actionTable(): string {
  const state = aTuiState();
  const ofStudies = actions.map(({ key, label, tier, fits, blocked }) => {
    const possible = kinds.filter(([, study]) => fits(study) && blocked?.(study, state) === undefined);
    const when = possible.length === kinds.length ? 'any' : possible.map(([name]) => name).join(', ');
    return `| \`${key}\` | ${label(aStudy(), state)} | ${when} | ${askedFor[tier]} |`;
  });
  const others = generalActions.map(({ key, label }) => `| \`${key}\` | ${label} | | what it needs, then a review |`);
  return ['| Key | Action | Experiment | What is asked before |', '|---|---|---|---|', ...ofStudies, ...others].join(
    '\n',
  );
}
