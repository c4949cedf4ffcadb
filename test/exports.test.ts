import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const texts = ['src', 'test', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), 'utf8') })),
);
const door = 'src/core/index.ts';
/** In how many files a word stands, the door aside: it stands there only to be found by others. */
const filesWith = Map.groupBy(
  texts
    .filter(({ file }) => file !== door)
    .flatMap(({ file, text }) => [...new Set(text.match(/\w+/g))].map((word) => ({ word, file }))),
  ({ word }) => word,
);
const usesOf = (word: string) => filesWith.get(word)?.length ?? 0;

it('exports no function or constant that only its own file uses', () => {
  const exported = texts
    .filter(({ file }) => file.startsWith('src/'))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)].map(([, name = '']) => ({
        file,
        name,
      })),
    );
  expect(exported.length).toBeGreaterThan(500);
  expect(exported.filter(({ name }) => usesOf(name) < 2).map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

it('has nothing in the door to core that no surface takes through it', () => {
  const text = texts.find(({ file }) => file === door)?.text ?? '';
  const names = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(
    ([, list = '']) => list.match(/\b(?!type\b)\w+/g) ?? [],
  );
  const takers = texts.filter(({ file, text }) => !file.startsWith('src/core/') && text.includes('core/index.ts'));
  const taken = new Set(
    takers.flatMap(({ text }) =>
      [...text.matchAll(/import (?:type )?\{([^}]*)\} from '[^']*core\/index.ts'/g)]
        .flatMap(([, list = '']) => list.match(/\w+/g) ?? [])
        .concat(text.match(/await import\('[^']*core\/index.ts'\)/) ? (text.match(/\w+/g) ?? []) : []),
    ),
  );
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => !taken.has(name))).toEqual([]);
});
