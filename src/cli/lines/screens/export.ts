import { counted } from '../../../core/index.ts';
import { formatBytes } from '../../render/format.ts';
import { exportCommand } from '../../tui/model/screens/export.ts';
import { namingServer } from '../../tui/model/shown-server.ts';
import { keepsNames, whatItWrites } from '../../tui/view/export.ts';
import { failureLines } from '../failure.ts';
import { askForText, press, type Say } from '../spoken.ts';

export const sayExport: Say<'export'> = (state, screen) => {
  const { study, field, phase } = screen;
  switch (phase.kind) {
    case 'asking':
      return {
        told: [
          `Export the data of ${study.stack}. Into which folder of this computer? It must be new or empty.`,
          `${whatItWrites} ${keepsNames}`,
          `As a command: ${namingServer(exportCommand(screen), state)}`,
        ],
        ...askForText(field.text, { mayBeEmpty: false }),
      };
    case 'running': {
      const { fetched } = phase;
      const far = fetched ? `, ${formatBytes(fetched.done)} of ${formatBytes(fetched.total)}` : '';
      return {
        told: [`The data of ${study.stack} is being exported. Back ends it.`],
        choices: [],
        asks: '',
        waitsFor: `exporting the data of ${study.stack}${far}`,
      };
    }
    case 'done':
      return {
        told: [
          `Done: ${counted(phase.files, 'file')} in ${phase.folder}`,
          ...phase.missing.map((one) => `Missing, because the study's own code failed: ${one}`),
          keepsNames,
        ],
        choices: [{ label: 'Go back', run: press('Esc') }],
        asks: 'Type 1, or quit.',
      };
    case 'failed':
      return {
        told: failureLines(phase.error),
        failed: phase.error,
        choices: [{ label: 'Name another folder, or try again', run: press('Enter') }],
        asks: 'Type 1, back, or quit.',
      };
  }
};
