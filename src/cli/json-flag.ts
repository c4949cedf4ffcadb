import { Option } from 'commander';

const forms = ['object', 'lines'] as const;

/** Shown as it is typed, in the help and in what Commander says of it. */
export function jsonOption(): Option {
  const option = new Option('--json <form>', 'one JSON object on stdout, or --json=lines: one event a line');
  return Object.assign(option.choices(forms), { flags: '--json[=form]' });
}

/** `--json` alone means one object; given as an optional value it would swallow the word after it. */
export function withJsonForm(word: string): string {
  return word === '--json' ? '--json=object' : word;
}

/** For words that fit nowhere, what to do when one of them was meant as the form: a study may have that name as well. */
export function hintForFormApart(words: readonly string[]): string | undefined {
  const form = forms.find((one) => words.some((word, at) => word === '--json' && words[at + 1] === one));
  return form && `Write --json=${form} as one word.`;
}
