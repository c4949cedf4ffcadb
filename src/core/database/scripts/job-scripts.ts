/** TEMPORARY while its owner writes the real one. */
export type JobName =
  | 'dump'
  | 'verify'
  | 'create-database'
  | 'fill'
  | 'swap'
  | 'open'
  | 'fence'
  | 'list'
  | 'drop-databases'
  | 'drop-backups'
  | 'audit'
  | 'read-audit'
  | 'add-columns'
  | 'hold-open'
  | 'empty';
export const jobScripts = Object.fromEntries(
  [
    'dump',
    'verify',
    'create-database',
    'fill',
    'swap',
    'open',
    'fence',
    'list',
    'drop-databases',
    'drop-backups',
    'audit',
    'read-audit',
    'add-columns',
    'hold-open',
    'empty',
  ].map((name) => [name, `# oforest-script: ${name}`]),
) as Record<JobName, string>;
