import {
  type AnswerName,
  answerNames,
  type ConnectCheck,
  type ConnectScreen,
  choicesOf,
} from '../model/screens/connect.ts';
import { pad, wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, type Line, line } from './line.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { choiceLines, typing } from './typing.ts';

const readableWidth = 78;

export const fieldWords: Readonly<Record<AnswerName, { readonly label: string; readonly means: string }>> = {
  address: {
    label: 'Server',
    means: 'A manager of the Swarm: user@host:port, or a Host of ~/.ssh/config. User and port may be left out.',
  },
  name: { label: 'Name', means: 'What you call it here. Left empty: lab.' },
  keyFile: {
    label: 'Key file',
    means: 'The private key to log in with. Left empty: what ssh would use, your agent included.',
  },
};

export const connectBody: DrawBody<'connect'> = (_, screen, { columns, bodyRows }, look): Body => {
  const width = Math.min(columns, readableWidth) - 4;
  const form = formLines(screen, width, look);
  const result = resultLines(screen, width, look);
  // Where not all of it fits, what came of it is what has to be seen.
  const body = form.length + result.length <= bodyRows ? [...form, ...result] : result.slice(-bodyRows);
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} Connect to your own server`),
    body: screen.phase.kind === 'asking' ? form : body,
    summary: line({ text: ' Trying it changes nothing on the server.', dim: true }),
  };
};

function formLines({ fields, at, phase }: ConnectScreen, width: number, look: Look): readonly Line[] {
  const rows = answerNames.map((name): Line => {
    const isHere = phase.kind === 'asking' && name === at;
    const { text, cursor } = fields[name];
    return line(
      { text: isHere ? `  ${glyph('cursor', look)} ` : '    ', color: 'cyan' },
      { text: pad(fieldWords[name].label, 10), ...(isHere ? { bold: true as const } : { dim: true as const }) },
      ...(isHere ? typing(text, cursor, width - 14, look) : [text]),
    );
  });
  if (phase.kind !== 'asking') return [...rows, emptyLine];
  const means = wrap(fieldWords[at].means, width).map((text) => line({ text: `    ${text}`, dim: true }));
  return [emptyLine, ...rows, emptyLine, ...means];
}

const signs: Readonly<Record<ConnectCheck['outcome'], readonly [Glyph, 'green' | 'yellow' | 'red']>> = {
  ok: ['ok', 'green'],
  attention: ['attention', 'yellow'],
  failed: ['failed', 'red'],
};

function resultLines(screen: ConnectScreen, width: number, look: Look): readonly Line[] {
  const { phase } = screen;
  if (phase.kind === 'asking') return [];
  return [
    ...phase.checks.flatMap((check) => checkLines(check, width, look)),
    emptyLine,
    ...endLines(screen, width, look),
  ];
}

function checkLines({ outcome, sentence, hint }: ConnectCheck, width: number, look: Look): readonly Line[] {
  const [sign, color] = signs[outcome];
  return [
    ...wrap(sentence, width - 2).map((text, index) =>
      line({ text: `  ${index === 0 ? glyph(sign, look) : ' '} `, color }, text),
    ),
    ...(hint === undefined ? [] : wrap(hint, width - 2).map((text) => line({ text: `    ${text}`, dim: true }))),
  ];
}

function endLines(screen: ConnectScreen, width: number, look: Look): readonly Line[] {
  const { phase } = screen;
  switch (phase.kind) {
    case 'unknown-host':
      return [
        ...wrap(askToCompare(phase.hostKey.host), width).map((text) => line(`  ${text}`)),
        line({ text: `  ${phase.hostKey.fingerprint}`, bold: true }),
        ...choiceLines(choicesOf(screen), phase.cursor, look),
      ];
    case 'reached':
      return [line({ text: '  It works. Enter saves it and goes there.', bold: true })];
    case 'failed':
      return [line('  Nothing was saved.')];
    case 'saving':
      return [line('  Saving…')];
    default:
      return [line({ text: '  Trying…', dim: true })];
  }
}

export function askToCompare(host: string): string {
  return `Nobody here has met ${host} yet. Compare its fingerprint with the admin before you trust it:`;
}
