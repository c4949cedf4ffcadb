/** A word of a statement; `expands` where `$NAME` in it means a variable. */
export interface Word {
  readonly text: string;
  readonly expands: boolean;
}

/** One simple command, and what of its predecessor's outcome it hangs on. */
export interface Statement {
  readonly words: readonly Word[][];
  readonly after: 'any' | 'success' | 'failure';
  readonly toStderr: boolean;
  /** Ends in `&`. */
  readonly background: boolean;
}

const token =
  /[^\S\n]*(?:(&&|\|\||[;\n&]|1?>&2|2>&1)|((?:'[^']*'|"(?:\\.|[^"\\`])*"|\\.|[^\s;&|<>()`'"\\])+))[^\S\n]*/gy;

/**
 * The small part of sh that tests of containers use: simple commands in a row. Throws for what is beyond it, so that
 * nobody believes something ran that did not.
 */
export function parseShell(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  let words: Word[][] = [];
  let toStderr = false;
  let after: Statement['after'] = 'any';
  const end = (next: Statement['after'], background = false) => {
    if (words.length > 0) statements.push({ words, after, toStderr, background });
    [words, toStderr, after] = [[], false, next];
  };
  const source = `${withoutComments(text).trim()}\n`;
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (!found) throw new Error(`the sandbox's shell does not know: ${source.slice(at, at + 40).trim()}`);
    const [, sign, word] = found;
    if (word !== undefined) words.push(piecesOf(word));
    else if (sign === '>&2' || sign === '1>&2') toStderr = true;
    else if (sign === '&&') end('success');
    else if (sign === '||') end('failure');
    else if (sign === '&') end('any', true);
    else if (sign === ';' || (sign === '\n' && words.length > 0)) end('any');
  }
  return statements;
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*#.*$/gm, '');
}

/** A word is made of quoted and unquoted pieces. */
function piecesOf(word: string): Word[] {
  return [...word.matchAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)/g)].map(
    ([, single, double, escaped, plain]) => {
      if (single !== undefined) return { text: single, expands: false };
      if (escaped !== undefined) return { text: escaped, expands: false };
      if (double !== undefined) return { text: double.replaceAll(/\\(["\\])/g, '$1'), expands: true };
      return { text: plain ?? '', expands: true };
    },
  );
}

/** The word as the command gets it. The shell of a container is process 1. */
export function expand(word: readonly Word[], variables: ReadonlyMap<string, string>): string {
  return word
    .map(({ text, expands }) =>
      expands
        ? text.replaceAll(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_whole, own, braced, bare) =>
            own ? '1' : (variables.get(braced ?? bare) ?? ''),
          )
        : text,
    )
    .join('');
}
