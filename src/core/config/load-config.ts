import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { didYouMean } from '../domain/did-you-mean.ts';
import { ExpectedError } from '../errors.ts';
import { type Config, configSchema, type ServerConfig } from './config.ts';
import { configProblems, type Problem } from './config-problems.ts';

/** The config; a missing file is an empty one. Throws `config-invalid` with path and line, `file-unreadable`. */
export async function loadConfig(path: string): Promise<Config> {
  return (await readConfig(path)).config;
}

/** Adds a server or replaces its entry; comments in the file stay. Throws like `loadConfig`. */
export async function saveServer(path: string, name: string, server: ServerConfig): Promise<void> {
  const { document } = await readConfig(path);
  const wanted: Record<string, unknown> = { ...server };
  const entry = document.getIn(['servers', name]);
  if (isMap(entry)) {
    const present = entry.toJSON() as Record<string, unknown>;
    for (const key of Object.keys(present)) if (wanted[key] === undefined) entry.delete(key);
    for (const [key, value] of Object.entries(wanted)) {
      if (value !== undefined && !isDeepStrictEqual(present[key], value)) entry.set(key, document.createNode(value));
    }
  } else document.setIn(['servers', name], document.createNode(wanted));
  await writeConfig(path, document);
}

/** Always there, without an entry. */
const builtInServer = 'sandbox';

/** Makes a server the current one. Throws `server-not-configured`, and like `loadConfig`. */
export async function makeCurrent(path: string, name: string): Promise<void> {
  const { document, config } = await readConfig(path);
  const names = Object.keys(config.servers);
  if (!names.includes(name) && name !== builtInServer) {
    const meant = didYouMean(name, names);
    throw new ExpectedError('server-not-configured', `choosing the server ${name}`, {
      why: `${path} has no server of that name${names.length > 0 ? `, only ${names.join(', ')}` : ''}.`,
      hint: meant === undefined ? `Add it: oforest server add ${name}` : `Did you mean "${meant}"?`,
      details: { name, servers: names },
    });
  }
  document.set('current', name);
  await writeConfig(path, document);
}

async function readConfig(path: string): Promise<{ document: Document; config: Config }> {
  const source = await readText(path);
  const lines = new LineCounter();
  const document: Document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const syntaxProblems = document.errors.map(
    ({ message, pos }): Problem => ({ line: lines.linePos(pos[0]).line, message }),
  );
  if (syntaxProblems.length > 0) throw invalid(path, syntaxProblems);

  if (document.contents === null) document.contents = document.createNode({});
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw invalid(path, configProblems(parsed.error, { document, lines }));
  return { document, config: parsed.data };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new ExpectedError('file-unreadable', `reading ${path}`, {
      why: 'The config file exists and cannot be read.',
      hint: `Check its owner and rights: ls -l ${path}`,
      details: { path },
      cause,
    });
  }
}

function invalid(path: string, problems: readonly Problem[]): ExpectedError {
  const [first] = problems;
  const texts = problems.map(({ line, key, message }) =>
    [line && `line ${line}`, key, message].filter((part) => part !== undefined && part !== '').join(': '),
  );
  return new ExpectedError('config-invalid', `reading ${path}`, {
    why: `${texts.join('; ')}.`,
    hint: `Correct ${path}${first?.line ? `, line ${first.line}` : ''}.`,
    details: {
      path,
      problems: texts,
      ...(first?.line !== undefined && { line: first.line }),
      ...(first?.key !== undefined && { key: first.key }),
    },
  });
}

/** All or nothing: readers see the old file or the new one. A link to the file stays a link. */
async function writeConfig(path: string, document: Document): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${randomUUID()}`;
  try {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(String(document));
    await file.sync();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
