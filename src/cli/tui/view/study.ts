import { describeStep, nounOfVerb } from '../../../core/index.ts';
import type { NewLine } from '../model/log-lines.ts';
import { stateWord } from '../model/screens/history.ts';
import { cursorOf, menuOf } from '../model/screens/study.ts';
import { findStudy, type Study, type TuiState } from '../model/state.ts';
import { cut, cutAuthor, cutMiddle, pad, widthOf, wrap } from '../model/text.ts';
import { workOn } from '../model/verbs.ts';
import { waitOn } from '../model/waits.ts';
import { howItIs, inSession, lastBackup, lastDone } from './about.ts';
import { ageOf } from './age.ts';
import type { Body, DrawBody } from './bodies.ts';
import { beside, emptyLine, fact, heading, type Line, line } from './line.ts';
import { timeOf } from './link.ts';
import { glyph, type Look, mayBeOld } from './look.ts';

const menuWidth = 42;

export const studyBody: DrawBody<'study'> = (state, screen, layout, look): Body => {
  const study = findStudy(state, screen.stack);
  const title = line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} ${screen.stack}`);
  if (!study)
    return {
      title,
      body: [emptyLine, line(`  ${screen.stack} is not there any more. Esc goes back.`)],
      summary: emptyLine,
    };
  const isNarrow = layout.kind === 'tiny' || layout.kind === 'compact';
  const width = isNarrow ? layout.columns : menuWidth;
  const menu = menuLines(state, { menu: menuOf(state, screen), cursor: cursorOf(state, screen), study, width }, look);
  const lines = windowOf(menu, layout.bodyRows - 1);
  const body = isNarrow
    ? [howItIs(state, study, look), ...lines]
    : beside(
        [line(' What would you like to do?'), ...lines],
        aside(study, state, { columns: layout.columns - menuWidth, rows: layout.bodyRows, look }),
        menuWidth,
      );
  return { title, body, summary: busyLine(study, layout.columns) ?? peopleLine(study, state) };
};

function menuLines(
  state: TuiState,
  { menu, cursor, study, width }: { menu: ReturnType<typeof menuOf>; cursor: number; study: Study; width: number },
  look: Look,
): { lines: readonly Line[]; at: number } {
  const lines: Line[] = [];
  let at = 0;
  for (const [index, action] of menu.entries()) {
    if (action.tier === 'final' && menu[index - 1]?.tier !== 'final')
      lines.push(line({ text: ` ${glyph('rule', look)} Asks for the name first ${glyph('rule', look)}`, dim: true }));
    if (index === cursor) at = lines.length;
    const isBlocked = action.blocked?.(study, state) !== undefined;
    const mark = index === cursor ? glyph('cursor', look) : ' ';
    const label = action.label(study, state);
    lines.push(
      line(
        { text: ` ${mark} `, bold: true },
        { text: pad(action.key, 3), bold: true },
        {
          text: isBlocked ? `${cut(label, width - 18)} (not now)` : cut(label, width - 8),
          ...(index === cursor && { bold: true as const }),
        },
      ),
    );
  }
  return { lines, at };
}

/** The part of the menu around the cursor, where not all of it fits. */
function windowOf({ lines, at }: { lines: readonly Line[]; at: number }, rows: number): readonly Line[] {
  const top = Math.max(0, Math.min(at - rows + 2, lines.length - rows));
  return lines.slice(top, top + rows);
}

/** What is known of it, as much of it as there is room for: facts, what it ran, and its last lines. */
function aside(
  study: Study,
  state: TuiState,
  { columns, rows, look }: { columns: number; rows: number; look: Look },
): readonly Line[] {
  const known = facts(study, state, columns);
  const ran = releaseLines(study, state, columns).slice(0, rows > 24 ? 10 : 5);
  const above = [...known, ...(ran.length > 0 ? [emptyLine, heading('Releases', columns - 1, look), ...ran] : [])];
  const log = recentLogLines(state.details[study.stack]?.log ?? [], columns - 1).slice(
    -Math.max(0, rows - above.length - 2),
  );
  const hasRoom = rows - above.length >= 4;
  return hasRoom && log.length > 0 ? [...above, emptyLine, heading('Recent log', columns - 1, look), ...log] : above;
}

function facts(study: Study, state: TuiState, width: number): readonly Line[] {
  const { status, releases = [] } = state.details[study.stack] ?? {};
  const wide = 13;
  const room = Math.max(0, width - wide - 1);
  const ago = (at: string) => ageOf(at, state);
  const last = study.busy ? undefined : lastDone(study, state);
  const newest = releases.find(({ serving }) => serving);
  return [
    fact(
      'Release',
      study.release > 0 ? cutAuthor(`v${study.release}${newest ? ` by ${newest.author}` : ''}`, room) : 'none yet',
      wide,
    ),
    fact('Image', cutMiddle(study.image, room), wide),
    fact('Changed', `${ago(study.changedAt)} ago`, wide),
    ...wrap(lastBackup(study, state), room).map((text, index) => fact(index === 0 ? 'Last backup' : '', text, wide)),
    ...(status?.parts ?? []).map(({ part, task, since, error }) =>
      fact(
        part === 'web' ? 'oTree' : 'Database',
        cut([taskWord(task), since && ago(since), error].filter(Boolean).join(', '), room),
        wide,
      ),
    ),
    ...(last === undefined ? [] : [fact('Last', cut(last, room), wide)]),
  ];
}

/** Swarm's own words say enough of what runs or begins. */
function taskWord(task: string): string {
  return task === 'none' ? 'not running' : task;
}

function releaseLines({ stack }: Study, state: TuiState, width: number): readonly Line[] {
  const { releases = [] } = state.details[stack] ?? {};
  return releases.map((release) =>
    line(pad(`v${release.release}`, 6), pad(ageOf(release.createdAt, state), 8), {
      text: cutAuthor(`${stateWord(release)}, ${release.author}`, width - 14),
      dim: true,
    }),
  );
}

function recentLogLines(lines: readonly NewLine[], width: number): readonly Line[] {
  return lines.map(({ at, text, level }) =>
    line(
      { text: pad(at === '' ? '' : timeOf(Date.parse(at)), 9), dim: true },
      {
        text: cut(text, width - 9),
        ...(level && { color: level === 'error' ? ('red' as const) : ('yellow' as const) }),
      },
    ),
  );
}

function busyLine({ busy }: Study, columns: number): Line | undefined {
  if (!busy) return undefined;
  const at = busy.step === undefined ? '' : ` ${describeStep(busy.step)}…`;
  const room = columns - widthOf(workOn({ ...busy, by: '' })) - widthOf(at) - 1;
  return line({ text: ` ${workOn({ ...busy, by: cutAuthor(busy.by, room) })}${at}`, color: 'cyan' });
}

/** Said before anything is chosen, because it decides what to choose. */
function peopleLine(study: Study, state: TuiState): Line {
  const wait = waitOn(study, state);
  if (wait)
    return line({
      text: ` The ${nounOfVerb(wait.verb)} waits until its people have left: see Activity.`,
      color: 'cyan',
    });
  const { people = 0 } = study;
  if (people === 0 || mayBeOld(state)) return emptyLine;
  return line(` ${inSession(people)}: what would disturb them asks first.`);
}
