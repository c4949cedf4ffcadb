import { quoted } from './same-as.ts';
import { namingServer } from './shown-server.ts';
import type { Study, TuiState } from './state.ts';

/** What no screen does: the palette answers with the command. A test holds each against the commands that there are. */
export interface ShellCommand {
  /** What it does, as the palette finds it: "Set a variable". */
  readonly label: string;
  /** As typed, for the study that is meant or for any; what stands in capitals has to be filled in. */
  readonly words: (study: StudyWords, state: Pick<TuiState, 'server'>) => string;
}

interface StudyWords {
  /** "my-exp" */
  readonly name: string;
  /** " --env staging", or nothing. */
  readonly place: string;
}

export const shellCommands: readonly ShellCommand[] = [
  { label: 'Set a variable', words: ({ name, place }) => `variable set ${name} NAME=value${place}` },
  { label: 'List the variables', words: ({ name, place }) => `variable list ${name}${place}` },
  { label: 'Store a secret', words: ({ name, place }) => `secret set ${name} NAME${place}` },
  { label: 'Book a lab session', words: ({ name, place }) => `book ${name} --from 14:00 --until 16:00${place}` },
  {
    label: 'Hold: let nobody change it',
    words: ({ name, place }) => `hold ${name} --until +2d --reason 'data collection'${place}`,
  },
  { label: 'Release a hold', words: ({ name, place }) => `release-hold ${name}${place}` },
  { label: 'Change the address', words: ({ name, place }) => `address ${name} HOST${place}` },
  { label: 'Make a new admin password', words: ({ name, place }) => `admin ${name} --new-password${place}` },
  { label: 'Download a backup', words: ({ name, place }) => `backups ${name} --download FOLDER${place}` },
  {
    label: 'Restore a backup that was downloaded',
    words: ({ name, place }) => `restore ${name} --from FILE${place}`,
  },
  {
    label: 'Export without names of participants (anonymous)',
    words: ({ name, place }) => `export ${name} --out FOLDER --anonymous${place}`,
  },
  {
    label: 'Prepare the server again, to change something',
    words: (_, { server }) => `server prepare ${quoted(server)}`,
  },
];

/** "oforest variable set my-exp NAME=value" */
export function shellCommandFor({ words }: ShellCommand, study: Study | undefined, state: TuiState): string {
  const name = study?.experiment ?? 'EXP';
  const place = study && study.environment !== 'production' ? ` --env ${study.environment}` : '';
  return namingServer(`oforest ${words({ name, place }, state)}`, state);
}
