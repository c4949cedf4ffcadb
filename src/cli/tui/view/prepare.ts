import { describeChange } from '../../../core/index.ts';
import type { PrepareAnswers } from '../model/first-run.ts';
import { choicesOf, commandOf, linesOf, type PrepareScreen } from '../model/screens/prepare.ts';
import { pad, wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { choiceLines, typing } from './typing.ts';

const readableWidth = 78;

export const prepareWords: Readonly<Record<keyof PrepareAnswers, { readonly label: string; readonly means: string }>> =
  {
    domain: {
      label: 'Domain',
      means: 'Studies get addresses under it: my-exp.DOMAIN. A wildcard record *.DOMAIN has to point to the server.',
    },
    certificates: {
      label: 'Encryption',
      means: 'Left and Right choose. Without it, browsers warn, and passwords are read on the way.',
    },
    email: { label: 'E-mail', means: 'Where Let’s Encrypt writes to before a certificate ends.' },
    certificateFile: {
      label: 'Certificate',
      means: 'The file with the certificate and its chain, PEM, on this computer.',
    },
    keyFile: { label: 'Its key', means: 'The file with the key of the certificate, PEM, on this computer.' },
    traefikImage: {
      label: 'Traefik',
      means: 'Its image, where the server cannot reach Docker Hub. Left empty: the one oForest was made with.',
    },
    postgresImage: {
      label: 'Postgres',
      means: 'The image of the databases. Left empty: the one oForest was made with, from Docker Hub.',
    },
  };

export const certificateWords: Readonly<Record<PrepareAnswers['certificates'], string>> = {
  acme: 'Let’s Encrypt, one certificate for each study',
  files: 'a certificate of your own, from files',
  none: 'none',
};

export const prepareBody: DrawBody<'prepare'> = ({ server }, screen, layout, look): Body => {
  const { columns, bodyRows } = layout;
  const width = Math.min(columns, readableWidth) - 4;
  const question = choiceLines(
    choicesOf(screen).map(({ label }) => label),
    cursorOf(screen),
    look,
  );
  // Where not all of it fits, the question is what has to be seen.
  const rows = Math.max(1, bodyRows - question.length - 1);
  const told = toldLines(screen, { width, rows }, look).slice(0, rows);
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} ${server} ${glyph('into', look)} Prepare`),
    body: [...told, ...(question.length > 0 ? [emptyLine, ...question] : [])],
    ...sameAsLines(commandOf(server, screen), layout, { isCopied: false }),
  };
};

function cursorOf({ phase }: PrepareScreen): number | undefined {
  return phase.kind === 'planned' ? phase.cursor : undefined;
}

function toldLines(
  screen: PrepareScreen,
  { width, rows }: { width: number; rows: number },
  look: Look,
): readonly Line[] {
  const { phase } = screen;
  const text = (given: string) => wrap(given, width).map((part) => line(`  ${part}`));
  switch (phase.kind) {
    case 'asking':
      return formLines(screen, width, look);
    case 'planning':
      return [emptyLine, ...text('Looking at what would change…')];
    case 'planned':
      if (phase.plan.changes.length === 0) return [emptyLine, ...text('Nothing to do: it is prepared like this.')];
      return [
        ...phase.plan.changes.flatMap((change) =>
          wrap(describeChange(change), width - 2).map((part, index) =>
            line({ text: index === 0 && change.interrupts ? '  ! ' : '    ', color: 'yellow' }, part),
          ),
        ),
        ...phase.plan.notices.flatMap(({ sentence }) => text(`Note: ${sentence}`)),
      ];
    case 'applying':
      return [
        ...phase.plan.changes.map((change, index) => changeLine(describeChange(change), index - phase.begun + 1, look)),
        emptyLine,
        ...text(
          phase.waitsFor === undefined
            ? 'It ends with this window: stay until it is done.'
            : `Waiting for ${phase.waitsFor}.`,
        ),
      ];
    case 'failed':
      return errorLines(phase.error, { width, rows }, look);
    case 'prepared':
      return [
        line({ text: `  ${glyph('ok', look)} `, color: 'green' }, `Ready for studies at ${phase.where}.`),
        ...phase.wrong.flatMap(({ sentence, hint = '' }) => text(`! ${sentence} ${hint}`)),
      ];
  }
}

/** `place`: below zero once it is done, zero while it is made. */
function changeLine(text: string, place: number, look: Look): Line {
  if (place < 0) return line({ text: `  ${glyph('ok', look)} `, color: 'green' }, text);
  return place === 0
    ? line({ text: `  ${glyph('working', look)} `, color: 'cyan' }, text)
    : line({ text: `  ${glyph('waiting', look)} `, dim: true }, text);
}

function formLines(screen: PrepareScreen, width: number, look: Look): readonly Line[] {
  const { at, fields, certificates } = screen;
  const rows = linesOf(screen).map((name): Line => {
    const isHere = name === at;
    const label: Line = [
      { text: isHere ? `  ${glyph('cursor', look)} ` : '    ', color: 'cyan' },
      { text: pad(prepareWords[name].label, 12), ...(isHere ? { bold: true as const } : { dim: true as const }) },
    ];
    if (name === 'certificates') return [...label, { text: certificateWords[certificates] }];
    const { text, cursor } = fields[name];
    return [...label, ...(isHere ? typing(text, cursor, width - 16, look) : [{ text }])];
  });
  const means = wrap(prepareWords[at].means, width).map((text) => line({ text: `    ${text}`, dim: true }));
  return [emptyLine, ...rows, emptyLine, ...means];
}
