import { counted } from '../../../core/index.ts';
import { formatBytes } from '../../render/format.ts';
import { type ExportScreen, exportCommand } from '../model/screens/export.ts';
import { namingServer } from '../model/shown-server.ts';
import type { TuiState } from '../model/state.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines, roomBelow } from './error.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { typing } from './typing.ts';

/** What to know of the folder before, and after. */
export const keepsNames = "It holds participants' data: keep it where only you can read it.";

export const exportBody: DrawBody<'export'> = (state, screen, layout, look): Body => {
  const into = glyph('into', look);
  return {
    title: line({ text: ' oForest', bold: true }, ` ${into} ${screen.study.stack} ${into} Export the data`),
    body: linesOf(state, screen, layout.columns, look),
    ...sameAsLines(namingServer(exportCommand(screen), state), layout, { isCopied: false }),
  };
};

function linesOf(state: TuiState, { phase, field }: ExportScreen, columns: number, look: Look): readonly Line[] {
  const told = (text: string) => wrap(text, Math.min(columns, 78) - 4).map((part) => line(`  ${part}`));
  switch (phase.kind) {
    case 'asking':
      return [
        line('  Into which folder of this computer? It must be new or empty.'),
        line({ text: '  > ', color: 'cyan' }, ...typing(field.text, field.cursor, columns - 8, look)),
        emptyLine,
        ...told(`${whatItWrites} ${keepsNames}`),
      ];
    case 'running': {
      const far = phase.fetched
        ? `Fetching the files: ${formatBytes(phase.fetched.done)} of ${formatBytes(phase.fetched.total)}…`
        : 'The server writes the files, with the program of the study…';
      return [emptyLine, ...told(far), emptyLine, ...told('Esc ends it, and nothing of it is kept.')];
    }
    case 'done':
      return [
        emptyLine,
        line({ text: `  ${glyph('ok', look)} `, color: 'green' }, `Done: ${counted(phase.files, 'file')} in`),
        ...wrap(phase.folder, columns - 6).map((text) => line('    ', { text, color: 'cyan' })),
        ...phase.missing.flatMap((one) => told(`! Missing, because the study's own code failed: ${one}`)),
        emptyLine,
        ...told(keepsNames),
      ];
    case 'failed':
      return [emptyLine, ...errorLines(phase.error, roomBelow(state), look)];
  }
}

export const whatItWrites = "All data, as oTree's own CSV files. Nothing changes on the server.";
