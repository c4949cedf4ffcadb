import type { ErrorFacts, PlatformPlan, ServerCheck } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type Field, fieldOf, insert, typeInto } from '../field.ts';
import { type PrepareAnswers, waysOfCertificates } from '../first-run.ts';
import { askAnew, type Next, nextSerial, pop, push, stay, withScreen, withTop } from '../next.ts';
import { quoted } from '../same-as.ts';
import type { Opened, TuiState } from '../state.ts';
import { movedAmong } from '../window.ts';

/** What makes a Swarm ready for studies: asked, planned, and done before one's eyes. */
export interface PrepareScreen extends Opened {
  readonly name: 'prepare';
  readonly fields: Readonly<Record<TextAnswer, Field>>;
  readonly certificates: PrepareAnswers['certificates'];
  /** The line of the form that keys go to. */
  readonly at: keyof PrepareAnswers;
  readonly phase: PreparePhase;
}

export type PreparePhase =
  | { readonly kind: 'asking' }
  | { readonly kind: 'planning' }
  | { readonly kind: 'planned'; readonly plan: PlatformPlan; readonly cursor: number }
  /** `begun`: how many of the changes. */
  | { readonly kind: 'applying'; readonly plan: PlatformPlan; readonly begun: number; readonly waitsFor?: string }
  | { readonly kind: 'failed'; readonly error: ErrorFacts }
  /** `wrong`: what a visitor would still meet. */
  | { readonly kind: 'prepared'; readonly where: string; readonly wrong: readonly ServerCheck[] };

export type TextAnswer = Exclude<keyof PrepareAnswers, 'certificates'>;

export function openPrepare(state: TuiState): Next {
  const { certificates, ...texts } = state.firstRun.prepare;
  const fields: Record<TextAnswer, Field> = {
    domain: fieldOf(texts.domain),
    email: fieldOf(texts.email),
    certificateFile: fieldOf(texts.certificateFile),
    keyFile: fieldOf(texts.keyFile),
    traefikImage: fieldOf(texts.traefikImage),
    postgresImage: fieldOf(texts.postgresImage),
  };
  return push(state, {
    ...{ name: 'prepare', serial: nextSerial(state), fields, certificates },
    ...{ at: 'domain', phase: { kind: 'asking' } },
  });
}

/** The lines of the form: which there are depends on where certificates come from. */
export function linesOf({ certificates }: Pick<PrepareScreen, 'certificates'>): readonly (keyof PrepareAnswers)[] {
  const more = { acme: ['email'], files: ['certificateFile', 'keyFile'], none: [] } as const;
  return ['domain', 'certificates', ...more[certificates], 'traefikImage', 'postgresImage'];
}

export function answersOf({ fields, certificates }: PrepareScreen): PrepareAnswers {
  const textOf = (name: TextAnswer) => fields[name].text.trim();
  return {
    ...{ domain: textOf('domain'), certificates, email: textOf('email') },
    ...{ certificateFile: textOf('certificateFile'), keyFile: textOf('keyFile') },
    ...{ traefikImage: textOf('traefikImage'), postgresImage: textOf('postgresImage') },
  };
}

/** The command that does the same. */
export function commandOf(server: string, screen: PrepareScreen): string {
  const { domain, certificates, email, certificateFile, keyFile, traefikImage, postgresImage } = answersOf(screen);
  const words = {
    acme: ['--acme', email || 'EMAIL'],
    files: ['--tls-cert', certificateFile || 'FILE', '--tls-key', keyFile || 'FILE'],
    none: ['--tls', 'none'],
  }[certificates];
  const images = [
    ...(traefikImage === '' ? [] : ['--traefik-image', traefikImage]),
    ...(postgresImage === '' ? [] : ['--postgres-image', postgresImage]),
  ];
  const whole = ['oforest', 'server', 'prepare', server, '--domain', domain || 'DOMAIN', ...words, ...images];
  return whole.map(quoted).join(' ');
}

export interface PrepareChoice {
  readonly label: string;
  readonly does: 'apply' | 'correct';
}

/** The harmless one comes first where studies would notice. */
export function choicesOf({ phase }: PrepareScreen): readonly PrepareChoice[] {
  if (phase.kind !== 'planned') return [];
  const back: PrepareChoice = { label: 'Back', does: 'correct' };
  if (phase.plan.changes.length === 0) return [back];
  const interrupts = phase.plan.changes.some((change) => change.interrupts);
  const apply: PrepareChoice = {
    ...{ label: interrupts ? 'Do it, and interrupt every study for some seconds' : 'Prepare it like this' },
    does: 'apply',
  };
  return interrupts ? [back, apply] : [apply, back];
}

type Of = Pick<PrepareScreen, 'serial'>;

/** A new phase of it. What asks something waits until it was seen. */
export function withPhase(state: TuiState, { serial }: Of, phase: PreparePhase): Next {
  const of = { name: 'prepare', serial } as const;
  const change = (screen: PrepareScreen): PrepareScreen => ({ ...screen, phase });
  return phase.kind === 'applying' || phase.kind === 'planning'
    ? stay(withScreen(state, of, change))
    : askAnew(state, of, change);
}

function goOn(state: TuiState, screen: PrepareScreen): Next {
  const { phase, at, serial } = screen;
  const lines = linesOf(screen);
  switch (phase.kind) {
    case 'asking': {
      const next = lines[lines.indexOf(at) + 1];
      if (next) return stay(withTop(state, { ...screen, at: next }));
      const planning: PrepareScreen = { ...screen, phase: { kind: 'planning' } };
      return stay(withTop(state, planning), { kind: 'plan-platform', serial, answers: answersOf(screen) });
    }
    case 'planned': {
      if (choicesOf(screen)[phase.cursor]?.does !== 'apply') return withPhase(state, screen, { kind: 'asking' });
      const applying: PrepareScreen = { ...screen, phase: { kind: 'applying', plan: phase.plan, begun: 0 } };
      return stay(withTop(state, applying), { kind: 'apply-platform', serial, plan: phase.plan });
    }
    case 'prepared':
      return pop(state);
    default:
      return stay(state);
  }
}

const isIn =
  (...kinds: readonly PreparePhase['kind'][]) =>
  (_: TuiState, { phase }: PrepareScreen) =>
    kinds.includes(phase.kind);
const isAsking = isIn('asking');

const bindings: readonly Binding<PrepareScreen>[] = [
  {
    keys: ['Up', 'Down', 'Shift-Tab', 'Tab'],
    does: 'go to another line',
    hint: 'line',
    when: isAsking,
    run: (state, screen, key) => {
      const lines = linesOf(screen);
      const step = ['Up', 'Shift-Tab'].includes(key) ? -1 : 1;
      return stay(withTop(state, { ...screen, at: lines[lines.indexOf(screen.at) + step] ?? screen.at }));
    },
  },
  {
    keys: ['Right', 'Left', 'Space'],
    does: 'choose where certificates come from',
    hint: 'other',
    when: (state, screen) => isAsking(state, screen) && screen.at === 'certificates',
    run: (state, screen, key) => {
      const count = waysOfCertificates.length;
      const step = key.startsWith('L') ? count - 1 : 1;
      const to = (waysOfCertificates.indexOf(screen.certificates) + step) % count;
      return keep(state, { ...screen, certificates: waysOfCertificates[to] ?? screen.certificates });
    },
  },
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    when: isIn('planned'),
    run: (state, screen, key) => {
      if (screen.phase.kind !== 'planned') return stay(state);
      const cursor = movedAmong(screen.phase.cursor, key, choicesOf(screen).length);
      return stay(withTop(state, { ...screen, phase: { ...screen.phase, cursor } }));
    },
  },
  {
    keys: ['Enter'],
    does: 'go on to the next line; after the last, see what would change',
    hint: 'next',
    when: (state, screen) => isAsking(state, screen) && screen.fields.domain.text.trim() !== '',
    run: goOn,
  },
  { keys: ['Enter'], does: 'do what is chosen', hint: 'confirm', when: isIn('planned'), run: goOn },
  {
    keys: ['Enter', 'Esc'],
    does: 'go to the list',
    hint: 'to the list',
    when: isIn('prepared'),
    run: (state) => pop(state),
  },
  {
    keys: ['Esc'],
    does: 'go back; nothing changes, and what was typed is kept',
    hint: 'back, nothing changes',
    when: isAsking,
    run: (state) => pop(state),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'correct what was typed; nothing more is done',
    hint: 'correct it',
    when: isIn('planning', 'planned', 'failed'),
    run: (state, screen) => withPhase(state, screen, { kind: 'asking' }),
  },
];

/** What was answered is kept, whatever becomes of the screen. */
function keep(state: TuiState, changed: PrepareScreen): Next {
  const { firstRun } = state;
  return stay(withTop({ ...state, firstRun: { ...firstRun, prepare: answersOf(changed) } }, changed));
}

function fieldUnder({ phase, at, fields }: PrepareScreen): { name: TextAnswer; field: Field } | undefined {
  return phase.kind === 'asking' && at !== 'certificates' ? { name: at, field: fields[at] } : undefined;
}

export const prepareRules: ScreenRules<PrepareScreen> = {
  bindings,
  waitsToBeSeen: true,
  isTyping: (screen) => screen.phase.kind === 'asking',
  typed(state, screen, key) {
    const under = fieldUnder(screen);
    const field = under && typeInto(under.field, key);
    return field && keep(state, { ...screen, fields: { ...screen.fields, [under.name]: field } });
  },
  pasted(state, screen, text) {
    const under = fieldUnder(screen);
    if (!under) return stay(state);
    const field = insert(under.field, text.trim());
    return keep(state, { ...screen, fields: { ...screen.fields, [under.name]: field } });
  },
};
