/** Text as it may stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export interface PageText {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** The study's name, and what tells this release from others. */
  readonly study: string;
  readonly note: string;
  /** Share of the way through the study, 0 to 1. */
  readonly progress?: number;
  /** Links on top, for people with a login. */
  readonly menu?: boolean;
  readonly refreshSeconds?: number;
}

const menu: readonly [path: string, name: string][] = [
  ['/demo', 'Demo'],
  ['/sessions', 'Sessions'],
  ['/rooms', 'Rooms'],
  ['/export', 'Data'],
  ['/server_check', 'Server check'],
  ['/logout', 'Log out'],
];

/** A whole page: no script, no file besides it. */
export function renderPage({ title, body, study, note, progress, menu: hasMenu, refreshSeconds }: PageText): string {
  const links = menu.map(([path, name]) => `<a href="${path}">${name}</a>`).join('');
  const bar =
    progress === undefined ? '' : `<div class="bar"><i style="width:${Math.round(progress * 100)}%"></i></div>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">\n`}<title>${escapeHtml(title)} · ${escapeHtml(study)}</title>
<style>${css}</style>
</head>
<body>
<header><b>${escapeHtml(study)}</b>${hasMenu ? `<nav>${links}</nav>` : ''}</header>
<main>
${bar}<h1>${escapeHtml(title)}</h1>
${body}
</main>
<footer>${escapeHtml(note)} Sandbox: this study is pretended by oForest. Nobody takes part in it, and nothing is paid.</footer>
</body>
</html>
`;
}

/** A table; cells are HTML. */
export function renderTable(heads: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  if (rows.length === 0) return `<p class="quiet">${empty}</p>`;
  const head = heads.map((name) => `<th>${name}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table></div>`;
}

export function link(path: string, text: string): string {
  return `<a href="${escapeHtml(path)}">${escapeHtml(text)}</a>`;
}

const css = `
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --soft: #f3f5f8; --line: #dde3ea; --accent: #2459c4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f0; --paper: #1a2029; --soft: #12161d; --line: #323b48; --accent: #83aaff; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--soft); color: var(--ink);
  font: 17px/1.55 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .4em 2em; padding: .8em 1.4em; background: var(--paper);
  border-bottom: 1px solid var(--line); }
nav { display: flex; flex-wrap: wrap; gap: 0 1.2em; }
main { width: calc(100% - 2em); max-width: 46em; margin: 2em auto; padding: 1.6em 2em 2em; background: var(--paper);
  border: 1px solid var(--line); border-radius: 10px; }
h1 { margin: 0 0 .6em; font-size: 1.5em; line-height: 1.25; }
a { color: var(--accent); }
label { display: block; margin: 1em 0 .3em; }
input, select { font: inherit; color: inherit; padding: .45em .6em; min-width: 12em; background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; }
button { font: inherit; margin-top: 1.4em; padding: .5em 1.5em; color: var(--paper); background: var(--accent); border: 0;
  border-radius: 6px; cursor: pointer; }
:is(a, button, input, select):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.bar { height: 5px; margin: -.4em 0 1.4em; background: var(--line); border-radius: 3px; overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--accent); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .45em .8em .45em 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
.quiet { opacity: .75; }
.bad { color: #c43030; }
footer { margin-top: auto; padding: 1em 1.4em; font-size: .8em; opacity: .75; text-align: center; }
`;
