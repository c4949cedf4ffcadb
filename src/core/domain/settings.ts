import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml';
import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import { didYouMean } from './did-you-mean.ts';
import { type ExperimentName, parseExperimentName } from './experiment-name.ts';
import { safeText } from './terminal-text.ts';
import { parseVariableName, parseVariableValue } from './variable.ts';

/** What a study may choose about the way it runs. */
export interface Settings {
  port: number;
  memory: { reservationBytes: number; limitBytes: number };
  cpus?: number;
  variables: Record<string, string>;
  /** Names; their values are given to oForest, never to a file. */
  secrets: readonly string[];
  healthcheckPath: string;
  guardIdleMinutes?: number;
}

const mebibyte = 1024 * 1024;
const maxProblems = 10;

export const defaultSettings: Settings = {
  port: 8000,
  memory: { reservationBytes: 256 * mebibyte, limitBytes: 512 * mebibyte },
  variables: {},
  secrets: [],
  healthcheckPath: '/login',
};

/** `512 MB`: as everywhere in Docker, 1 MB is 1024 × 1024 bytes. */
const memorySize = z
  .string('must be a size such as 512 MB')
  .regex(/^[0-9]{1,5}(\.[0-9]{1,2})? ?[MG]i?B$/i, 'must be a size such as 512 MB or 1.5 GB')
  .transform((text) => Math.round(Number.parseFloat(text) * (/g/i.test(text) ? 1024 : 1) * mebibyte))
  .refine((bytes) => bytes >= 64 * mebibyte, 'must be 64 MB or more; oTree alone takes about 120 MB')
  .refine((bytes) => bytes <= 1024 * 1024 * mebibyte, 'must be 1024 GB or less');

const memorySchema = z.strictObject(
  {
    limit: memorySize.describe('The study is ended and started again when it takes more.'),
    reservation: memorySize.optional().describe('Kept free for it on the node; default: half of the limit.'),
  },
  'must be a size such as 512 MB, or a limit and a reservation',
);

/** Values are read as the letters in the file, so that a variable 007 or 1.10 stays what was written. */
const settingsFileSchema = z
  .strictObject(
    {
      name: parsedBy(parseExperimentName).describe('Name of the experiment, the first part of its address.'),
      port: wholeNumber(1, 65_535).describe('Port that oTree listens on; default: 8000.'),
      memory: z
        .preprocess((value) => (typeof value === 'string' ? { limit: value } : value), memorySchema)
        .describe('Memory: 512 MB, or a limit and a reservation.'),
      cpus: z
        .string('must be a number such as 0.5')
        .regex(/^[0-9]{1,3}(\.[0-9]{1,2})?$/, 'must be a number such as 0.5')
        .transform(Number)
        .refine((cpus) => cpus >= 0.05 && cpus <= 256, 'must be between 0.05 and 256')
        .describe('Processors that the study may use at most; default: no limit.'),
      env: z
        .record(z.string(), z.string('must be a text'), 'must be a list of NAME: value')
        .describe('Variables of the study, readable by everyone with access to the server.'),
      secrets: z
        .array(parsedBy(parseVariableName), 'must be a list of names')
        .describe('Names of secrets; oforest secret set gives them their values.'),
      healthcheck: z
        .strictObject(
          {
            path: z
              .string('must be a path such as /login')
              .max(200, 'must have 200 characters or less')
              .regex(/^\/(?!\/)[\w.~/-]*$/, 'must be a path such as /login')
              .describe('Page that answers while the study is well; default: /login.'),
          },
          'must have a path',
        )
        .describe('How Swarm sees that the study is well.'),
      guard: z
        .strictObject(
          {
            idleMinutes: wholeNumber(1, 1440).describe('Minutes after which a silent participant no longer counts.'),
          },
          'must have idleMinutes',
        )
        .describe('When participants stand in the way of a deployment.'),
    },
    'must be a list of settings such as "port: 8000"',
  )
  .partial();

/**
 * The settings an oforest.yml gives, only those it names. Throws `config-invalid` with line, key and what is wrong;
 * values of variables are not repeated.
 */
export function parseSettingsFile(text: string, fileName: string): Partial<Settings> & { name?: ExperimentName } {
  if (Buffer.byteLength(text) > 64 * 1024)
    throw invalid(fileName, [{ message: `has ${Math.ceil(Buffer.byteLength(text) / 1024)} KiB; 64 are allowed` }]);
  const place = parseYaml(text, fileName);
  if (place.document.contents === null) return {};
  const read = settingsFileSchema.safeParse(place.document.toJS());
  if (!read.success)
    throw invalid(
      fileName,
      read.error.issues.slice(0, maxProblems).flatMap((issue) => problemsOf(issue, place)),
    );
  const problems = variableProblems(read.data, place);
  if (problems.length > 0) throw invalid(fileName, problems);
  return settingsOf(read.data);
}

type SettingsFile = z.infer<typeof settingsFileSchema>;
type Path = readonly PropertyKey[];
interface Place {
  readonly document: Document;
  readonly lines: LineCounter;
}
interface Problem {
  line?: number | undefined;
  key?: string;
  message: string;
}

function settingsOf(file: SettingsFile): Partial<Settings> & { name?: ExperimentName } {
  const { name, port, memory, cpus, env, secrets, healthcheck, guard } = file;
  return {
    ...(name !== undefined && { name }),
    ...(port !== undefined && { port }),
    ...(memory && {
      memory: { limitBytes: memory.limit, reservationBytes: memory.reservation ?? Math.floor(memory.limit / 2) },
    }),
    ...(cpus !== undefined && { cpus }),
    ...(env && { variables: env }),
    ...(secrets && { secrets }),
    ...(healthcheck?.path !== undefined && { healthcheckPath: healthcheck.path }),
    ...(guard?.idleMinutes !== undefined && { guardIdleMinutes: guard.idleMinutes }),
  };
}

/** All scalars come as text (schema "failsafe"): what 007, 1.10 or yes mean is not YAML's to decide. */
function parseYaml(text: string, fileName: string): Place {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false, // compares each key with all others; repeatedKeys looks once
  });
  const found = [...document.errors, ...document.warnings];
  if (found.some(({ code }) => code === 'RESOURCE_EXHAUSTION'))
    throw invalid(fileName, [{ message: 'is nested too deeply' }]);
  const problems = found.map(({ message, pos }): Problem => ({ line: lines.linePos(pos[0]).line, message }));
  if (problems.length > 0) throw invalid(fileName, problems);
  visit(document, (key, node, path) => {
    const line = isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
    if (isAlias(node)) problems.push({ line, message: 'an alias (*name) stands here; write the value out' });
    if (key === 'key' && !(isScalar(node) && typeof node.value === 'string' && node.value !== '__proto__'))
      problems.push({ line, message: 'this cannot be a key' });
    if (isMap(node)) problems.push(...repeatedKeys(node, lines));
    if (path.length <= 20) return undefined;
    // Deeper down, toJS() would use up the stack.
    problems.push({ line, message: 'is nested too deeply' });
    return visit.BREAK;
  });
  if (problems.length > 0) throw invalid(fileName, problems);
  return { document, lines };
}

function repeatedKeys({ items }: YAMLMap, lines: LineCounter): Problem[] {
  const seen = new Set<string>();
  return items.flatMap(({ key }) => {
    if (!isScalar<string>(key) || seen.size === seen.add(key.value).size - 1) return [];
    return [{ line: key.range ? lines.linePos(key.range[0]).line : undefined, message: 'this key stands here twice' }];
  });
}

function problemsOf(issue: z.core.$ZodIssue, place: Place): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [problemAt(issue.path, issue.message, place)];
  return issue.keys.slice(0, maxProblems).map((key) => {
    const meant = didYouMean(key, keysAt(issue.path));
    return problemAt([...issue.path, key], `unknown key${meant ? `; did you mean "${meant}"?` : ''}`, place);
  });
}

function keysAt([first]: Path): string[] {
  const { healthcheck, guard } = settingsFileSchema.shape;
  const inner = new Map<PropertyKey, object>([
    ['memory', memorySchema.shape],
    ['healthcheck', healthcheck.unwrap().shape],
    ['guard', guard.unwrap().shape],
  ]);
  return Object.keys(first === undefined ? settingsFileSchema.shape : (inner.get(first) ?? {}));
}

function variableProblems({ env = {}, secrets = [], memory }: SettingsFile, place: Place): Problem[] {
  const ofValues = Object.entries(env).flatMap(([name, value]) => {
    const why = refusal(() => parseVariableName(name)) ?? refusal(() => parseVariableValue(name, value));
    return why === undefined ? [] : [{ path: ['env', name], why }];
  });
  const listed = new Set<string>();
  const ofSecrets = secrets.flatMap((name, index) => {
    const isFirst = !listed.has(name);
    listed.add(name);
    if (isFirst && !Object.hasOwn(env, name)) return [];
    return [{ path: ['secrets', index], why: isFirst ? `${name} is a variable already` : `${name} stands here twice` }];
  });
  const isAbove = memory?.reservation !== undefined && memory.reservation > memory.limit;
  const ofMemory = isAbove ? [{ path: ['memory', 'reservation'], why: 'is above the limit' }] : [];
  // Each look for a line walks through the document.
  const shown = [...ofValues, ...ofSecrets, ...ofMemory].slice(0, maxProblems);
  return shown.map(({ path, why }) => problemAt(path, why, place));
}

function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string(message)
    .regex(/^[0-9]{1,6}$/, message)
    .transform(Number)
    .refine((number) => number >= least && number <= most, message);
}

/** A text that one of our parsers accepts; its reason becomes the problem. */
function parsedBy<T>(parse: (text: string) => T) {
  return z.string('must be a text').transform((text, context) => {
    const why = refusal(() => parse(text));
    if (why === undefined) return parse(text);
    context.addIssue({ code: 'custom', message: why });
    return z.NEVER;
  });
}

function refusal(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return [error.why, error.hint].filter(Boolean).join(' ').replace(/\.$/, '');
  }
}

function problemAt(path: Path, message: string, place: Place): Problem {
  return { line: lineOf(path, place), key: path.map(String).join('.').slice(0, 100), message };
}

/** The line of a key or list item, or of the nearest thing around it that is there. */
function lineOf(path: Path, place: Place): number | undefined {
  if (path.length === 0) return undefined;
  const parent = path.length === 1 ? place.document.contents : place.document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const pair = isMap(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === String(last));
  const node = pair ? pair.key : place.document.getIn(path, true);
  const start = isNode(node) ? node.range?.[0] : undefined;
  return start === undefined ? lineOf(path.slice(0, -1), place) : place.lines.linePos(start).line;
}

function invalid(fileName: string, problems: readonly Problem[]): ExpectedError {
  const [first] = problems;
  const shown = problems
    .slice(0, maxProblems)
    .map(({ line, key, message }) =>
      safeText(
        [line && `line ${line}`, key, message.slice(0, 300)]
          .filter((part) => part !== undefined && part !== '')
          .join(': '),
      ).replaceAll('\n', ' '),
    );
  const file = safeText(fileName);
  return new ExpectedError('config-invalid', `reading ${file}`, {
    why: `${shown.join('; ')}.`,
    now: 'Nothing was changed.',
    hint: `Correct ${file}${first?.line ? `, line ${first.line}` : ''}.`,
    details: {
      path: fileName,
      problems: shown,
      ...(first?.line !== undefined && { line: first.line }),
      ...(first?.key !== undefined && { key: first.key }),
    },
  });
}
