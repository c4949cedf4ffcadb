/** What a router's rule may look at. */
export interface Visit {
  /** Lower case, without a port. */
  readonly host: string;
  readonly path: string;
}

export type Rule = (visit: Visit) => boolean;

/** Traefik's rule language, as far as studies use it: Host, Path, PathPrefix, &&, ||, ! and parentheses. Throws for the rest. */
export function parseRule(text: string): Rule {
  const tokens = tokenize(text);
  let at = 0;
  const take = (token: string) => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const either = (): Rule => {
    let left = both();
    while (take('||')) {
      const [one, other] = [left, both()];
      left = (visit) => one(visit) || other(visit);
    }
    return left;
  };
  const both = (): Rule => {
    let left = single();
    while (take('&&')) {
      const [one, other] = [left, single()];
      left = (visit) => one(visit) && other(visit);
    }
    return left;
  };
  const single = (): Rule => {
    if (take('!')) {
      const inner = single();
      return (visit) => !inner(visit);
    }
    if (take('(')) {
      const inner = either();
      if (!take(')')) throw new Error('a parenthesis is not closed');
      return inner;
    }
    const token = tokens[at] ?? '';
    at += 1;
    return matcher(token);
  };
  const rule = either();
  if (at !== tokens.length) throw new Error(`unexpected ${tokens[at]}`);
  return rule;
}

function tokenize(text: string): string[] {
  const tokens = text.match(/&&|\|\||!|\(|\)|[A-Za-z]+\(\s*(?:`[^`]*`|"[^"]*")\s*\)|\S+/g) ?? [];
  if (tokens.length === 0) throw new Error('empty rule');
  return tokens;
}

function matcher(token: string): Rule {
  const [, name = '', quoted = ''] = /^([A-Za-z]+)\(\s*([`"].*[`"])\s*\)$/.exec(token) ?? [];
  const value = quoted.slice(1, -1);
  switch (name.toLowerCase()) {
    case 'host': {
      if (!/^[\x20-\x7e]+$/.test(value)) throw new Error(`invalid value ${JSON.stringify(value)} for Host matcher`);
      const wanted = value.toLowerCase();
      return ({ host }) => host === wanted;
    }
    case 'path':
      checkPath(value);
      return ({ path }) => path === value;
    case 'pathprefix':
      checkPath(value);
      return ({ path }) => path.startsWith(value);
    default:
      throw new Error(`unsupported function: ${name || token}`);
  }
}

function checkPath(path: string): void {
  if (!path.startsWith('/')) throw new Error(`path ${JSON.stringify(path)} does not start with a '/'`);
}
