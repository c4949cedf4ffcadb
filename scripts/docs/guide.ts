import { pictureFiles } from './pictures.ts';
import { actionTable, keyTables } from './registry-tables.ts';

export const page = 'docs/terminal-ui.md';

/** What stands between its markers, made anew from the registry. */
const made: Readonly<Record<string, () => string>> = { actions: actionTable, keys: keyTables };

/** Everything about the terminal UI that is made from the program itself, by its path. `text`: of the page as it is. */
export function guideFiles(text: string): ReadonlyMap<string, string> {
  const pictures = [...pictureFiles()].map(([name, picture]) => [`docs/pictures/${name}`, picture] as const);
  return new Map([[page, withMade(text)], ...pictures]);
}

function withMade(text: string): string {
  return Object.entries(made).reduce((before, [name, make]) => {
    const [begin, end] = [`<!-- ${name}, made by npm run docs -->`, `<!-- end of ${name} -->`];
    const [from, to] = [before.indexOf(begin), before.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no place for its ${name}: ${begin} … ${end}`);
    return `${before.slice(0, from)}${begin}\n\n${make()}\n\n${before.slice(to)}`;
  }, text);
}
