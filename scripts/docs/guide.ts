import { conversation } from './conversation.ts';
import { pictureFiles } from './pictures.ts';
import { actionTable, keyTables } from './registry-tables.ts';

/** What stands between its markers on a page, made anew. */
const made: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/terminal-ui.md': { actions: actionTable, keys: keyTables },
  'docs/screen-readers.md': { conversation },
};

export const pages: readonly string[] = Object.keys(made);

/** Everything about the terminal UI that is made from the program itself, by its path. `textOf`: a page as it is. */
export function guideFiles(textOf: (page: string) => string): ReadonlyMap<string, string> {
  const pictures = [...pictureFiles()].map(([name, picture]) => [`docs/pictures/${name}`, picture] as const);
  return new Map([...pages.map((page) => [page, withMade(page, textOf(page))] as const), ...pictures]);
}

function withMade(page: string, text: string): string {
  return Object.entries(made[page] ?? {}).reduce((before, [name, make]) => {
    const [begin, end] = [`<!-- ${name}, made by npm run docs -->`, `<!-- end of ${name} -->`];
    const [from, to] = [before.indexOf(begin), before.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no place for its ${name}: ${begin} … ${end}`);
    return `${before.slice(0, from)}${begin}\n\n${make()}\n\n${before.slice(to)}`;
  }, text);
}
