import type { ScreenName } from './state.ts';

/** What the screens are called, in the order in which somebody meets them. */
export const titleOfScreen: Readonly<Record<ScreenName, string>> = {
  welcome: 'Welcome',
  connect: 'Connect to your own server',
  prepare: 'Prepare the server',
  experiments: 'Experiments',
  study: 'One experiment',
  'new-study': 'New experiment',
  image: 'Deploy an image',
  rollback: 'Roll back',
  review: 'Review',
  wait: 'Waiting for people',
  cancel: 'Cancel an operation',
  progress: 'An operation',
  logs: 'Logs',
  links: 'Participant links',
  export: 'Export the data',
  admin: 'Admin page',
  history: 'History of releases',
  backups: 'Backups',
  activity: 'Activity',
  check: 'Server check',
  servers: 'Another server',
  passphrase: 'Passphrase of a key',
  palette: 'Find an action',
  help: 'Help',
};
